import { useLocalStorage } from '@mantine/hooks';
import { useMemo } from 'react';
import { useMeta } from '../meta.ts';
import { type FieldMeta, type Named, type ObjectMeta, readNamed } from '../wire.ts';
import { boardPart, type ColumnPart } from './board-parts.ts';
import type { CardPlan } from './cards.ts';
import { type Group, type GroupValue, groupWhere, keyOf, partsOf, splitField } from './groups.ts';
import { both, type Where } from './predicate.ts';
import { useGroups, useTargets } from './use-figures.ts';
import type { ListRequest } from './use-records.ts';

/** One column of a board: a value, and the records that have it. */
export interface Column {
  key: string;
  value: GroupValue;
  group: Group | undefined;
  request: ListRequest;
  /** Of stages: open, won or lost. */
  category: string | undefined;
  /** What its head says more. */
  note: ColumnPart['note'];
}

interface Columns {
  columns: Column[];
  pending: boolean;
  /** Where the columns fall apart (stages of several pipelines): which parts there are and which is shown. */
  split: { field: FieldMeta; parts: Named[]; shown: Named; choose: (id: string) => void } | null;
}

/** The columns of a board: every option or stage, also those without cards, then what has no value. Of several pipelines one. */
export function useColumns(
  { object, field, where: asked, sort }: { object: ObjectMeta; field: FieldMeta; where: Where | undefined; sort: string[] },
  plan: CardPlan,
): Columns {
  const money = useMemo(
    () => [plan.amount, plan.weighted].filter((one): one is FieldMeta => one !== undefined),
    [plan.amount, plan.weighted],
  );
  const target = useMeta().object(field.to);
  const by = splitField(object, field, target);
  const targets = useTargets(
    field,
    useMemo(() => (by ? [by.key] : []), [by]),
  );
  const [chosen, choose] = useLocalStorage<string | null>({
    key: `perigon.board.${object.key}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const { parts, shown } = useMemo(() => partsOf(by ? (targets.rows ?? []) : [], by?.key ?? '', chosen), [targets.rows, by, chosen]);
  const part = parts.length > 1 ? shown : undefined;
  const where = useMemo(
    () => (part && by ? both(asked, { all: [{ field: by.key, op: 'eq', value: part.id }] }) : asked),
    [asked, part, by],
  );
  const said = boardPart(object.key).useColumns();
  const { groups, pending } = useGroups(object, field, where, money, true);
  const title = target?.title ?? 'name';
  return useMemo(() => {
    const declared: GroupValue[] =
      field.type === 'select'
        ? (field.options ?? []).map((option) => option.key)
        : (targets.rows ?? [])
            .filter((row) => !part || !by || readNamed(row[by.key])?.id === part.id)
            .map((row) => ({ id: row.id, name: String(row[title] ?? '') }));
    const held = new Map(groups.map((group) => [group.key, group]));
    const known = new Set(declared.map(keyOf));
    const values = [...declared, ...groups.filter((group) => !known.has(group.key)).map((group) => group.value)];
    const categories = new Map((targets.rows ?? []).map((row) => [row.id, String(row.category ?? '')]));
    const columns = values.map((value) => ({
      key: keyOf(value),
      value,
      group: held.get(keyOf(value)),
      category: categories.get(keyOf(value)),
      note: said?.get(keyOf(value))?.note ?? null,
      request: {
        where: both(where, groupWhere(field, value)),
        sort,
        fields: [...new Set([...plan.fields, ...(said?.get(keyOf(value))?.reads ?? [])])],
      },
    }));
    return {
      columns,
      pending: pending || said === undefined || (targets.ordered && targets.rows === undefined),
      split: part && by ? { field: by, parts, shown: part, choose } : null,
    };
  }, [field, where, sort, plan, said, groups, pending, targets.ordered, targets.rows, title, part, parts, by, choose]);
}
