declare module 'virtual:trusted-documents' {
  /** The names of the trusted documents, by those of their operations. */
  export const documentIds: Readonly<Record<string, string>>;
}
