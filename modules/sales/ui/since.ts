import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { post } from '#ui/api.ts';

/** In the address: since when, and of whom. */
export interface SinceSearch {
  since?: string;
  pipeline?: string;
  owner?: string;
  team?: string;
}

interface Total {
  count: number;
  value: string | null;
}

export interface Told {
  id: string;
  name: string | null;
  owner: string | null;
  value: string | null;
  stages: { from: string | null; to: string | null };
  closeDate: { from: string | null; to: string | null };
}

export interface Since {
  since: string;
  currency: string;
  was: Total;
  now: Total;
  unconverted: number;
  kinds: (Total & { kind: string; items: Told[] })[];
}

export const sinceQuery = (search: SinceSearch & { since: string }) =>
  queryOptions({
    queryKey: ['figures', 'opportunities', 'since', search],
    queryFn: ({ signal }) => post<Since>('/sales/since', search, signal),
    placeholderData: keepPreviousData,
  });

/** The last Monday before a day: on a Monday the one a week ago, because that is when one looks back. Pure. */
export function lastMonday(today: string): string {
  const day = new Date(`${today}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7 || 7));
  return day.toISOString().slice(0, 10);
}

/** What leads from the open pipeline then to the one now, in its order, with its sign; all else happened within it. */
export const BRIDGE: readonly { kind: string; sign: 1 | -1 }[] = [
  { kind: 'opened', sign: 1 },
  { kind: 'reopened', sign: 1 },
  { kind: 'amountUp', sign: 1 },
  { kind: 'amountDown', sign: 1 },
  { kind: 'won', sign: -1 },
  { kind: 'lost', sign: -1 },
  { kind: 'removed', sign: -1 },
];
