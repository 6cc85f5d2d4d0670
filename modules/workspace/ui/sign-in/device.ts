/**
 * Which browser on which system a user agent speaks of. Browsers carry the names of those they descend from, so the youngest is
 * asked for first: Edge calls itself Chrome, Chrome calls itself Safari, a phone calls its Android a Linux.
 */

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const first = (table: typeof BROWSERS, agent: string): string | null => table.find(([sign]) => sign.test(agent))?.[1] ?? null;

/** What is known of a device; the program's own first word where it is no browser. Null where nothing is. */
export function deviceOf(agent: string | null | undefined): { program: string | null; system: string | null } {
  if (!agent) return { program: null, system: null };
  const program = first(BROWSERS, agent);
  const [word = ''] = agent.split(/[/ ]/);
  return { program: program ?? (word === 'Mozilla' || word === '' ? null : word.slice(0, 40)), system: first(SYSTEMS, agent) };
}
