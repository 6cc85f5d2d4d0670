import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { post } from '#ui/api.ts';
import { formatNumber } from '#ui/format.ts';
import type { BoardPart, CardMark, ColumnPart } from '#ui/list/board-parts.ts';
import { useMeta } from '#ui/meta.ts';
import { courseLabel } from '#ui/record/course.tsx';
import type { Named, RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './deal.module.css';
import { isFilled } from './deal.ts';
import { type PlaybookStep, playbookQuery, type Stage, stagesQuery } from './pipelines.ts';

/** Cards whose checks are asked for together. */
const AT_ONCE = 100;

interface Checked {
  deals: ReadonlySet<string>;
  /** Steps that are checked off, by deal. */
  steps: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Which steps of a stage are checked off on some deals, in one question. */
async function checkedOn(stage: string, deals: readonly string[], signal: AbortSignal): Promise<Checked> {
  const { rows } = await post<{ rows: { opportunity: Named | null; step: Named | null }[] }>(
    '/playbookChecks/aggregate',
    {
      where: {
        all: [
          { field: 'opportunity', op: 'in', value: deals },
          { field: 'step.stage', op: 'eq', value: stage },
        ],
      },
      groupBy: ['opportunity', 'step'],
      measures: { n: { op: 'count' } },
      limit: 10_000,
    },
    signal,
  );
  const steps = new Map<string, Set<string>>();
  for (const { opportunity, step } of rows)
    if (opportunity && step) steps.set(opportunity.id, (steps.get(opportunity.id) ?? new Set()).add(step.id));
  return { deals: new Set(deals), steps };
}

function useSteps(): { readable: boolean; steps: readonly PlaybookStep[] | undefined } {
  const meta = useMeta();
  const readable = meta.object('playbookStep') !== undefined && meta.object('playbookCheck') !== undefined;
  const { data, isError } = useQuery({ ...playbookQuery, enabled: readable });
  return { readable, steps: readable && !isError ? data : NONE };
}
const NONE: readonly PlaybookStep[] = [];

function useColumns(): ReadonlyMap<string, ColumnPart> | undefined {
  const { t } = useWords();
  const meta = useMeta();
  const stages = useQuery({ ...stagesQuery, enabled: meta.object('stage') !== undefined });
  const { steps } = useSteps();
  const held = stages.isError || !meta.object('stage') ? NO_STAGES : stages.data;
  const deal = meta.object('opportunity');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language only, which draws everything anew
  return useMemo(() => {
    if (!held || !steps) return undefined;
    return new Map(
      held.map((stage): [string, ColumnPart] => {
        const own = steps.filter((step) => step.stage.id === stage.id);
        const { guidance } = stage;
        const body = () => (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by key
          <div className={classes.columnNote} tabIndex={0} data-autofocus>
            {guidance && <p>{guidance}</p>}
            {own.length > 0 && (
              <>
                <h3 className={courseLabel}>{t('pipelines.playbook')}</h3>
                <ul>
                  {own.map((step) => (
                    <li key={step.id}>
                      {step.text}
                      {step.required && <span className={classes.needed}>{t('deal.needed')}</span>}
                    </li>
                  ))}
                </ul>
              </>
            )}
          </div>
        );
        return [
          stage.id,
          {
            note: guidance || own.length > 0 ? { label: t('deal.guidance', { stage: stage.name }), body } : null,
            // What one may not read is not asked for.
            reads: own.flatMap(({ asks }) => (asks !== null && deal?.fields.some(({ key }) => key === asks) ? [asks] : [])),
          },
        ];
      }),
    );
  }, [held, steps, deal]);
}
const NO_STAGES: readonly Stage[] = [];

function useMarks(stage: string, rows: readonly RecordData[], first: number, last: number): ReadonlyMap<string, CardMark> {
  const { t } = useWords();
  const { readable, steps } = useSteps();
  const own = useMemo(() => steps?.filter((step) => step.stage.id === stage) ?? [], [steps, stage]);
  const [from, to] = [Math.floor(first / AT_ONCE), Math.floor(last / AT_ONCE)];
  const parts = readable && own.length > 0 && rows.length > 0 ? Array.from({ length: to - from + 1 }, (_, i) => from + i) : [];
  const answers = useQueries({
    queries: parts.map((part) => {
      const ids = rows.slice(part * AT_ONCE, (part + 1) * AT_ONCE).map(({ id }) => id);
      return {
        queryKey: ['figures', 'playbookChecks', 'board', stage, ids],
        queryFn: ({ signal }: { signal: AbortSignal }) => checkedOn(stage, ids, signal),
        enabled: ids.length > 0,
        placeholderData: (was: Checked | undefined) => was,
      };
    }),
  });
  const marks = new Map<string, CardMark>();
  for (const { data } of answers)
    for (const row of data ? rows.slice(from * AT_ONCE, (to + 1) * AT_ONCE) : []) {
      if (!data?.deals.has(row.id)) continue;
      const checked = data.steps.get(row.id);
      const done = own.filter((step) => checked?.has(step.id) || (step.asks !== null && isFilled(row[step.asks]))).length;
      const text = t('deal.progress', { done: formatNumber(done, 0), all: formatNumber(own.length, 0) });
      marks.set(row.id, { text, tip: t('deal.playbookDone', { progress: text }) });
    }
  return marks;
}

/** What the board of deals says more: guidance and playbook of each stage, and how far each deal is in it. */
export const dealBoard: BoardPart = { useColumns, useMarks };
