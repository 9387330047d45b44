/** A further language is two files of messages and a line here: what everybody reads, and what only the staff read. */
export const LANGUAGES = {
  en: {
    name: 'English',
    load: async () => (await import('../messages/en.json')).default,
    loadWorkspace: async () => (await import('../messages/workspace.en.json')).default,
  },
  de: {
    name: 'Deutsch',
    load: async () => (await import('../messages/de.json')).default,
    loadWorkspace: async () => (await import('../messages/workspace.de.json')).default,
  },
  es: {
    name: 'Español',
    load: async () => (await import('../messages/es.json')).default,
    loadWorkspace: async () => (await import('../messages/workspace.es.json')).default,
  },
} as const;

export type Language = keyof typeof LANGUAGES;

export function isLanguage(value: string | null | undefined): value is Language {
  return typeof value === 'string' && Object.hasOwn(LANGUAGES, value);
}
