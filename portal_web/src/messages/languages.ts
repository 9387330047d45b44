/** A further language is a file of messages and a line here. */
export const LANGUAGES = {
  en: { name: 'English', load: async () => (await import('../messages/en.json')).default },
  de: { name: 'Deutsch', load: async () => (await import('../messages/de.json')).default },
  es: { name: 'Español', load: async () => (await import('../messages/es.json')).default },
} as const;

export type Language = keyof typeof LANGUAGES;

export function isLanguage(value: string | null | undefined): value is Language {
  return typeof value === 'string' && Object.hasOwn(LANGUAGES, value);
}
