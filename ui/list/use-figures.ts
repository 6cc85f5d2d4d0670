import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { post } from '../api.ts';
import { viewOf } from '../fields/registry.ts';
import { formatMonth } from '../format.ts';
import { useMeta } from '../meta.ts';
import type { FieldMeta, ObjectMeta, Page, RecordData } from '../wire.ts';
import { useWords, type Words } from '../words.ts';
import {
  type Figure,
  figureMeasures,
  type Group,
  type GroupValue,
  groupBy,
  keyOf,
  type Order,
  optionOrder,
  readFigure,
  readGroups,
  sumMeasures,
} from './groups.ts';
import type { FigureKind } from './list-search.ts';
import { followed } from './path.ts';
import type { Where } from './predicate.ts';

interface Answer {
  rows: Record<string, unknown>[];
  more?: boolean;
}

/** At most so many groups are shown; a list grouped by something nearly unique is better sorted by it. */
const mostGroups = 500;
/** Records that may stand in a row of their own making, such as the stages of a pipeline. */
const mostTargets = 200;

/** The words of a group: its option, name, month, or that there is none. */
export function groupText(object: ObjectMeta, field: FieldMeta, value: GroupValue, look: Words): string {
  if (value === null) return look.t('group.none', { field: look.field(object.key, field.key).toLowerCase() });
  if (typeof value === 'boolean') return look.t(value ? 'value.yes' : 'value.no');
  if (typeof value === 'object') return value.name || look.t('record.unnamed');
  if (field.type === 'date' || field.type === 'dateTime') return formatMonth(value);
  return viewOf(field.type).text(value, field, object.key) || value;
}

/** The records that a reference may lead to, where they have an order of their own (stages); undefined until they have come. */
export function useTargets(
  field: FieldMeta | undefined,
  more: readonly string[] = [],
): { ordered: boolean; rows: RecordData[] | undefined } {
  const target = useMeta().object(field && followed(field));
  const ordered = target?.fields.some((one) => one.key === 'position') === true;
  const category = target?.fields.some((one) => one.key === 'category') ? ['category'] : [];
  const query = useQuery({
    queryKey: ['figures', target?.plural ?? '', 'targets', ...more],
    queryFn: ({ signal }) =>
      post<Page>(
        `/${target?.plural}/query`,
        { sort: target?.list.sort ?? [], fields: [target?.title ?? 'id', ...category, ...more], limit: mostTargets },
        signal,
      ),
    enabled: ordered,
  });
  return { ordered, rows: ordered ? query.data?.items : undefined };
}

export interface Groups {
  groups: Group[];
  pending: boolean;
  stale: boolean;
  failure: unknown;
  /** There are more than are shown. */
  more: boolean;
  retry: () => void;
}

/** The groups of a list with their counts and sums, in one question. */
export function useGroups(
  object: ObjectMeta,
  field: FieldMeta | undefined,
  where: Where | undefined,
  columns: readonly FieldMeta[],
  base = false,
): Groups {
  const look = useWords();
  const targets = useTargets(field);
  const body = field && { where, groupBy: [groupBy(field)], measures: sumMeasures(columns, base), limit: mostGroups };
  const query = useQuery({
    queryKey: ['figures', object.plural, 'groups', body],
    queryFn: ({ signal }) => post<Answer>(`/${object.plural}/aggregate`, body, signal),
    enabled: body !== undefined,
    placeholderData: keepPreviousData,
  });
  const { data } = query;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language only
  const groups = useMemo(() => {
    if (!field || !data) return [];
    const places = new Map(targets.rows?.map((row, at) => [row.id, at]));
    const order: Order = targets.ordered ? (value) => (value === null ? undefined : places.get(keyOf(value))) : optionOrder(field);
    return readGroups(field, data.rows, order, (value) => groupText(object, field, value, look));
  }, [object, field, data, targets.ordered, targets.rows, look.language]);
  return {
    groups,
    pending: query.isPending,
    stale: query.isPlaceholderData,
    failure: query.error,
    more: data?.more === true,
    retry: () => void query.refetch(),
  };
}

/** What stands under the columns, by column; those in the base currency also say how many amounts could not be converted. */
export function useFigures(
  object: ObjectMeta,
  where: Where | undefined,
  figures: Readonly<Record<string, FigureKind>> | undefined,
): { of: Record<string, Figure>; unconverted: Record<string, number> } {
  const measures = figureMeasures(figures ?? {});
  const asked = Object.keys(measures).length > 0;
  const query = useQuery({
    queryKey: ['figures', object.plural, 'columns', where, measures],
    queryFn: ({ signal }) => post<Answer>(`/${object.plural}/aggregate`, { where, measures }, signal),
    enabled: asked,
    placeholderData: keepPreviousData,
  });
  const row = asked ? query.data?.rows[0] : undefined;
  const of: Record<string, Figure> = {};
  const unconverted: Record<string, number> = {};
  for (const key of Object.keys(figures ?? {})) {
    of[key] = readFigure(row?.[key]);
    unconverted[key] = Number(row?.[`all.${key}`] ?? 0) - Number(row?.[`base.${key}`] ?? 0);
  }
  return { of, unconverted };
}
