const iso = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/;

/** Seconds of a duration as the server writes it; null for anything else. */
export function durationSeconds(wire: unknown): number | null {
  const match = typeof wire === 'string' ? iso.exec(wire) : null;
  return match ? Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0) : null;
}

const units: Record<string, number> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** What people type for a length of time (`1:30`, `1h 30m`, `90 min`, `2 days`) as seconds; null where it cannot be read. */
export function typedDuration(text: string): number | null {
  const clock = /^(\d{1,7}):([0-5]\d)(?::([0-5]\d))?$/.exec(text.trim());
  if (clock) return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0);
  const parts = [...text.matchAll(/(\d+(?:[.,]\d+)?)\s*([a-z]+)\.?/gi)];
  const rest = text.replace(/(\d+(?:[.,]\d+)?)\s*([a-z]+)\.?/gi, '').replace(/[\s,]/g, '');
  if (parts.length === 0 || rest !== '') return null;
  let sum = 0;
  for (const [, number = '', word = ''] of parts) {
    const unit = units[word[0]?.toLowerCase() ?? ''];
    if (unit === undefined) return null;
    sum += Number(number.replace(',', '.')) * unit;
  }
  return Math.round(sum);
}

/** Seconds as typed and read back: `1:30`, with seconds where there are some. */
export function durationTyped(seconds: number): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  const rest = seconds % 60;
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}${rest > 0 ? `:${two(rest)}` : ''}`;
}

/** Seconds as the server reads them. */
export function durationWire(seconds: number): string {
  return `PT${Math.floor(seconds / 3600)}H${Math.floor(seconds / 60) % 60}M${seconds % 60}S`;
}
