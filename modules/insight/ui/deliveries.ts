import { queryOptions } from '@tanstack/react-query';
import { address, get, post } from '#ui/api.ts';
import { formatLocale, weekdayName } from '#ui/format.ts';
import type { Named } from '#ui/wire.ts';

/** What goes out by the clock, and what came of it, as the browser asks for it. */

export type Every = 'day' | 'week' | 'month';
export interface Schedule {
  id: string;
  name: string;
  format: 'pdf' | 'csv';
  every: Every;
  day: number | null;
  at: string;
  users: Named[] | null;
  teams: Named[] | null;
  active: boolean | null;
  nextAt: string | null;
  owner: Named | null;
}

interface Outcome {
  id: string;
  moment: string;
  state: 'waiting' | 'done' | 'skipped' | 'failed';
  reason: string | null;
  fetchedAt: string | null;
  user: Named;
}

interface Delivered {
  id: string;
  name: string;
  moment: string;
  expiresAt: string;
}

export const fileAddress = (id: string): string => address(`/insight/deliveries/${id}/file`);

export const deliveredQuery = queryOptions({
  queryKey: ['delivered'],
  queryFn: async ({ signal }) => (await get<{ items: Delivered[] }>('/insight/deliveries', {}, signal)).items,
});

export const schedulesQuery = (field: string, key: string) =>
  queryOptions({
    queryKey: ['schedules', field, key],
    queryFn: async ({ signal }) =>
      (
        await post<{ items: Schedule[] }>(
          '/reportSchedules/query',
          {
            where: { field, op: 'eq', value: key },
            fields: ['name', 'format', 'every', 'day', 'at', 'users', 'teams', 'active', 'nextAt', 'owner'],
            sort: ['createdAt'],
            limit: 100,
          },
          signal,
        )
      ).items,
  });

/** While somebody still waits it is asked again. */
export const outcomesQuery = (id: string) =>
  queryOptions({
    queryKey: ['schedules', 'outcomes', id],
    queryFn: async ({ signal }) => (await get<{ items: Outcome[] }>(`/insight/schedules/${id}/deliveries`, {}, signal)).items,
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state === 'waiting') ? 1000 : false),
  });

/** Monday to Sunday, in the reader's language. */
export const weekdays = (): { value: string; label: string }[] =>
  [1, 2, 3, 4, 5, 6, 7].map((day) => ({ value: String(day), label: weekdayName(day - 1) }));

/** A time of the clock as the reader writes it. */
export const clockText = (at: string): string =>
  new Intl.DateTimeFormat(formatLocale(), { timeStyle: 'short', timeZone: 'UTC' }).format(new Date(`2024-01-01T${at}:00Z`));
