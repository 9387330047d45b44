import type { Plugin } from 'vite';

export function readMessages(): Plugin;
