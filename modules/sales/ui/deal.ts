import { queryOptions } from '@tanstack/react-query';
import { post } from '#ui/api.ts';
import type { Money, Named, Page, RecordData } from '#ui/wire.ts';

/** A stage change as a deal's own page reads it. */
export interface Passed extends RecordData {
  from: Named | null;
  to: Named | null;
  stayed: string | null;
}

export interface Check extends RecordData {
  step: Named | null;
  by: Named | null;
  at: string | null;
}

/** A product line as a deal's own page reads it; who may not know what the deal is worth gets no price and no total. */
export interface DealLine extends RecordData {
  product: Named | null;
  name: string;
  quantity: string;
  unitPrice?: Money | null;
  discount: number | null;
  total?: Money | null;
}

const ofDeal = (id: string) => ({ field: 'opportunity', op: 'eq', value: id });

export const passedQuery = (id: string) =>
  queryOptions({
    queryKey: ['figures', 'stageChanges', id],
    queryFn: async ({ signal }) =>
      (await post<Page>('/stageChanges/query', { where: ofDeal(id), fields: ['from', 'to', 'stayed'], sort: ['at'], limit: 200 }, signal))
        .items as Passed[],
  });

/** The lines of a deal in their order; `priced` for who may know what they cost. */
export const linesQuery = (id: string, priced: boolean) =>
  queryOptions({
    queryKey: ['figures', 'dealLines', id, priced],
    queryFn: async ({ signal }) =>
      (
        await post<Page>(
          '/dealLines/query',
          {
            where: ofDeal(id),
            fields: ['product', 'name', 'quantity', 'discount', ...(priced ? ['unitPrice', 'total'] : [])],
            sort: ['position', 'createdAt'],
            limit: 500,
          },
          signal,
        )
      ).items as DealLine[],
  });

export const checksQuery = (id: string) =>
  queryOptions({
    queryKey: ['figures', 'playbookChecks', id],
    queryFn: async ({ signal }) =>
      (await post<Page>('/playbookChecks/query', { where: ofDeal(id), fields: ['step', 'by', 'at'], sort: ['at'], limit: 200 }, signal))
        .items as Check[],
  });

/** Whole days of a length of time as it travels: `PT49H` is two. */
function daysOf(duration: string): number {
  const match = /^PT(?:(\d+)H)?/.exec(duration);
  return Math.floor(Number(match?.[1] ?? 0) / 24);
}

/** Days a deal has spent in each stage that it left, and in the one where it lies. Pure. */
export function daysByStage(
  passed: readonly Pick<Passed, 'from' | 'stayed'>[],
  now: { stage: string; days: number } | null,
): Map<string, number> {
  const days = new Map<string, number>();
  for (const { from, stayed } of passed) if (from && stayed) days.set(from.id, (days.get(from.id) ?? 0) + daysOf(stayed));
  if (now) days.set(now.stage, (days.get(now.stage) ?? 0) + now.days);
  return days;
}

/** What counts as answered: a value that is there. */
export const isFilled = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
