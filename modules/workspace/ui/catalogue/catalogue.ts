import { queryOptions } from '@tanstack/react-query';
import { get, request } from '#ui/api.ts';
import { metaQuery, refreshMeta } from '#ui/meta.ts';
import { queryClient } from '#ui/query-client.ts';
import type { FormSection } from '#ui/wire.ts';

/** Words by language, as the catalogue keeps them. */
export type Spoken<T> = Record<string, T | undefined>;

export interface Option {
  key: string;
  color?: string;
  retired?: boolean;
}

/** What a roll-up is reckoned from, as the catalogue has it. */
export interface RollUpWith {
  over: string;
  op: string;
  field?: string;
  by?: string;
  where?: unknown;
  visibility?: string;
}

export interface FieldWords {
  label?: string;
  options?: Record<string, string>;
}

/** One field as an administrator sees it. */
export interface CatalogueField {
  key: string;
  type: string;
  with: { options?: Option[]; to?: string; open?: boolean; [option: string]: unknown };
  custom: boolean;
  retired: boolean;
  readOnly: boolean;
  derived: boolean;
  required: boolean;
  adjusted: boolean;
  requiredWhen?: unknown;
  shownWhen?: unknown;
  /** How it comes by its value, where nobody writes it. */
  reckoned?: 'formula' | 'rollUp';
  /** Of a formula. */
  expression?: string;
  /** Of a roll-up: what it is reckoned from. */
  rollUp?: RollUpWith;
  /** Formulas can read it. */
  reckons?: boolean;
  unique: boolean;
  building: boolean;
  words: Spoken<FieldWords>;
}

export interface CatalogueObject {
  key: string;
  plural: string;
  module: string;
  icon: string;
  title: string;
  custom: boolean;
  sealed: boolean;
  retired: boolean;
  party: string | null;
  owner: string | null;
  words: Spoken<{ name?: string; plural?: string }>;
  arranged: boolean;
  sectionWords: Spoken<Record<string, string>>;
  columns: string[];
  form: FormSection[];
  variants?: { field: string; forms: Record<string, FormSection[]> };
  fields: CatalogueField[];
}

interface Catalogue {
  version: number;
  faults: string[];
  /** What formulas may call. */
  functions: string[];
  objects: CatalogueObject[];
}

export interface CatalogueChange {
  version: number;
  at: string;
  actor: { name: string };
  undoes: number | null;
  undoneBy: number | null;
  edits: { path: string; before: Record<string, unknown> | null; after: Record<string, unknown> | null }[];
}

export const catalogueQuery = queryOptions({
  queryKey: ['catalogue'],
  queryFn: ({ signal }) => get<Catalogue>('/catalogue', {}, signal),
  // An index that is being built beside the traffic is told of when it serves.
  refetchInterval: ({ state }) => (state.data?.objects.some(({ fields }) => fields.some(({ building }) => building)) ? 2000 : false),
});

export const changesQuery = queryOptions({
  queryKey: ['catalogue', 'changes'],
  queryFn: async ({ signal }) => (await get<{ items: CatalogueChange[] }>('/catalogue/changes', { limit: 20 }, signal)).items,
});

/** Sends a change and shows its effect here at once; elsewhere it comes by the live stream. */
export async function changeCatalogue<T = { version: number }>(method: 'POST' | 'PATCH' | 'PUT', path: string, body?: unknown): Promise<T> {
  const { data } = await request<T & { version: number }>(method, `/catalogue${path}`, { body });
  await Promise.all([
    queryClient.getQueryData(metaQuery.queryKey) ? refreshMeta(queryClient, data.version) : null,
    queryClient.invalidateQueries({ queryKey: ['catalogue'] }),
  ]);
  return data;
}

/** Field types in the order they are offered, the everyday ones first. */
export const TYPES = [
  'text',
  'longText',
  'select',
  'multiSelect',
  'boolean',
  'integer',
  'decimal',
  'money',
  'percent',
  'date',
  'dateTime',
  'reference',
  'user',
  'manyToMany',
  'email',
  'phone',
  'url',
  'address',
  'tags',
  'rating',
  'duration',
  'richText',
  'file',
  'image',
  'autoNumber',
  'formula',
  'rollUp',
  'country',
  'language',
  'currency',
  'colour',
  'recurrence',
  'personName',
] as const;

/** Types by whose values lists are filtered and sorted most: an index is worth its cost. */
export const INDEXED: ReadonlySet<string> = new Set(['select', 'integer', 'decimal', 'money', 'percent', 'date', 'dateTime', 'boolean']);
/** Types whose values can be demanded to be one of a kind. */
export const UNIQUE: ReadonlySet<string> = new Set(['text', 'email', 'phone', 'url', 'integer']);
/** Types whose words the search may find. */
export const SEARCHED: ReadonlySet<string> = new Set(['text', 'longText', 'richText', 'email', 'url', 'tags', 'personName', 'autoNumber']);

/** A key for an option, made of its words: "In Arbeit" gives `inArbeit`. */
export function optionKey(words: string, taken: readonly string[], prefixed: boolean): string {
  const parts = words
    .replace(/[äöü]/gi, (letter) => `${letter}e`)
    .replace(/ß/g, 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .split(/[^a-zA-Z0-9]+/)
    .filter(Boolean);
  const joined = parts
    .map((part, i) => (i === 0 && !prefixed ? part.charAt(0).toLowerCase() : part.charAt(0).toUpperCase()) + part.slice(1))
    .join('');
  const bare = joined.slice(0, 40);
  const stem = prefixed ? `x${/^[A-Z]/.test(bare) ? bare : `Option${bare}`}` : /^[a-z]/i.test(bare) ? bare : `option${bare}`;
  for (let n = 1; ; n++) {
    const key = n === 1 ? stem : `${stem}${n}`;
    if (!taken.includes(key)) return key;
  }
}

/** Icons offered for objects of the company. */
export const ICONS = [
  'box',
  'building',
  'users',
  'user',
  'git-branch',
  'checkbox',
  'note',
  'bulb',
  'tag',
  'link',
  'messages',
  'receipt',
  'file-invoice',
  'credit-card',
  'coin',
  'devices',
  'chart-bar',
  'lifebuoy',
  'shield',
  'key',
] as const;
