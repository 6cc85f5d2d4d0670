import { queryOptions } from '@tanstack/react-query';
import { readScope } from '#engine/declare/scopes.ts';
import type { ApiKey } from '#engine/declare/sign-in.ts';
import { get } from '#ui/api.ts';

/** One's own keys; for administrators those of a user. */
export const keysQuery = (user?: string) =>
  queryOptions({
    queryKey: ['keys', user ?? 'me'],
    queryFn: async ({ signal }) => (await get<{ items: ApiKey[] }>('/keys', { user }, signal)).items,
  });

export const PRESETS = ['read', 'write', 'some', 'all'] as const;

/** What somebody chose that a key may. */
export interface Wish {
  preset: (typeof PRESETS)[number];
  /** Plurals. */
  reads: readonly string[];
  writes: readonly string[];
  special: readonly string[];
}

/** The scopes of a wish; null for all that its owner may. */
export function scopesOf({ preset, reads, writes, special }: Wish): string[] | null {
  if (preset === 'all') return null;
  if (preset !== 'some') return [preset, ...special];
  return [...reads.map((plural) => `read:${plural}`), ...writes.map((plural) => `write:${plural}`), ...special];
}

/** Scopes taken apart for being said in words: of everything, and by object (its plural) what is read and what is written. */
export function partsOf(scopes: readonly string[]): { whole: string[]; reads: string[]; writes: string[] } {
  const parts = { whole: [] as string[], reads: [] as string[], writes: [] as string[] };
  for (const scope of scopes) {
    const said = readScope(scope);
    if (said?.object === undefined) parts.whole.push(scope);
    else (said.act === 'write' ? parts.writes : parts.reads).push(said.object);
  }
  return parts;
}
