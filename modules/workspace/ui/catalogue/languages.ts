/** Languages that words are asked for: the one that is spoken first, then those the app comes in. */
export function languagesOf(spoken: string): string[] {
  const base = spoken.split('-')[0] ?? 'en';
  return [...new Set([base, 'en', 'de'])];
}
