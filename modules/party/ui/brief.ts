import { queryOptions } from '@tanstack/react-query';
import { get } from '#ui/api.ts';
import type { Money, Named, RecordData } from '#ui/wire.ts';

/** Records of one kind that a successor must know. */
export interface BriefList {
  key: string;
  object: string;
  columns: string[];
  count: number;
  /** Sums by currency where the list has an amount that the reader may see. */
  total: Money[] | null;
  items: RecordData[];
}

/** A tie to another party, and how that party is reached. */
export interface BriefRelation {
  id: string;
  type: string;
  direction: string;
  party: Named;
  facts: Record<string, unknown>;
}

export interface BriefYear {
  year: number;
  entries: { key: string; object: string; count: number; amount: Money[]; names: { id: string; title: string | null }[] | null }[];
}

export interface Brief {
  party: RecordData;
  relations: BriefRelation[];
  lists: BriefList[];
  means: { key: string; object: string; count: number; mean: number | null }[];
  years: BriefYear[];
}

/** What whoever takes a customer over must know. */
export function briefQuery(id: string) {
  return queryOptions({
    queryKey: ['brief', id],
    queryFn: ({ signal }) => get<Brief>(`/parties/${id}/brief`, {}, signal),
  });
}

/**
 * The lists in the order in which a newcomer reads them, under their headings; a list that no heading names, of a module that
 * came later, stands at the end under its own. Pure.
 */
const chapters: readonly { key: string; lists: readonly string[] }[] = [
  { key: 'promised', lists: ['promises', 'tasks', 'meetings'] },
  { key: 'outstanding', lists: ['unpaid', 'openOrders'] },
  { key: 'open', lists: ['openLeads', 'openDeals', 'openCases'] },
  { key: 'service', lists: ['closedCases', 'productsInUse', 'subscriptions'] },
  { key: 'contacts', lists: ['lastContacts'] },
  { key: 'notes', lists: ['pinnedNotes', 'notes'] },
];
/** Told by the screen itself. */
const apart = new Set(['known', 'knownOnce']);

export interface Chapter {
  key: string;
  lists: BriefList[];
}

export function chaptersOf(lists: readonly BriefList[]): Chapter[] {
  const filled = lists.filter((list) => list.items.length > 0 && !apart.has(list.key));
  const named = new Set(chapters.flatMap((chapter) => chapter.lists));
  const known = chapters.map(({ key, lists: keys }) => ({ key, lists: keys.flatMap((one) => filled.filter((list) => list.key === one)) }));
  const later = filled.filter((list) => !named.has(list.key));
  return [...known, { key: 'more', lists: later }].filter((chapter) => chapter.lists.length > 0);
}

/** What is known, by its kind in the order in which it comes. Pure. */
export function byKind(facts: readonly RecordData[]): [kind: string, facts: RecordData[]][] {
  const kinds = new Map<string, RecordData[]>();
  for (const fact of facts) {
    const kind = typeof fact.kind === 'string' ? fact.kind : '';
    kinds.set(kind, [...(kinds.get(kind) ?? []), fact]);
  }
  return [...kinds];
}
