/** What was chosen stays a choice while something else is looked for. */
export function kept(value: string | undefined, label: string, shown: readonly string[]) {
  return !value || shown.includes(value) ? [] : [{ value, label }];
}
