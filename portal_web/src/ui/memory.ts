/** What a person chose on this device. Storage may be switched off; then the choice lasts as long as the page. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`portico.${name}`, value);
  } catch {
    // Nothing is lost but the choice.
  }
}

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`portico.${name}`);
  } catch {
    return null;
  }
}
