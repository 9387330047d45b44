import type { Plugin } from 'vite';

export function trustedDocuments(): { texts: Record<string, string>; ids: Record<string, string> };
export function trusted(): Plugin;
