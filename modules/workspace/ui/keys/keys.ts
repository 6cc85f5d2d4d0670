import { queryOptions } from '@tanstack/react-query';
import { get } from '#ui/api.ts';

/** A key as it is listed; its secret was shown once. */
export interface ApiKey {
  id: string;
  name: string;
  /** Null for all that its owner may. */
  scopes: string[] | null;
  createdAt: string;
  usedAt: string | null;
  expiresAt: string | null;
}

/** One's own keys; for administrators those of a user. */
export const keysQuery = (user?: string) =>
  queryOptions({
    queryKey: ['keys', user ?? 'me'],
    queryFn: async ({ signal }) => (await get<{ items: ApiKey[] }>('/keys', { user }, signal)).items,
  });

export const SPECIAL = ['import', 'export', 'admin'] as const;
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

/** Scopes taken apart for being said in words; those of keys from before are written the other way round. */
export function partsOf(scopes: readonly string[]): { whole: string[]; reads: string[]; writes: string[] } {
  const turned = scopes.map((scope) => scope.replace(/^(\w+):(read|write)$/, '$2:$1'));
  const of = (act: string) => turned.filter((scope) => scope.startsWith(`${act}:`)).map((scope) => scope.slice(act.length + 1));
  return { whole: turned.filter((scope) => !scope.includes(':')), reads: of('read'), writes: of('write') };
}
