import { useNavigate } from '@tanstack/react-router';
import type { Answer } from '#ui/chart/answer.ts';
import type { Drill } from '#ui/chart/answer-table.tsx';
import { flat, readWhere } from '#ui/list/predicate.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure } from '#ui/notify.tsx';
import { recordsBehind } from './insight.ts';

/** Leads from a figure to the list of its records; the way back is the browser's. */
export function useDrill(answer: Answer | undefined): Drill {
  const navigate = useNavigate();
  const meta = useMeta();
  return (measure, cell, then = false) => {
    if (!answer) return;
    recordsBehind(answer, measure, cell, then).then(({ object, where }) => {
      const target = meta.object(object);
      // A list shows each condition as a chip of its own.
      if (target) void navigate({ to: '/o/$plural', params: { plural: target.plural }, search: { where: readWhere(flat(where)) } });
    }, showFailure);
  };
}
