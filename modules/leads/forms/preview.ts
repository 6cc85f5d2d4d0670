import type { Context } from '#engine/record/context.ts';
import type { Queryable } from '#engine/store/db.ts';
import { notFound } from '#kit/errors.ts';
import { formOf, productsOffered } from './form-row.ts';
import { formPage } from './page.ts';
import { type Asked, questionsOf } from './questions.ts';

const TEXTS = ['heading', 'intro', 'language', 'consentText'] as const;

/** A form as it would be with what is not saved yet. */
export async function previewPage(ctx: Context, id: string, draft: Record<string, unknown>, company: string): Promise<string> {
  const saved = await formOf(ctx.db, id);
  if (!saved) throw notFound();
  const form = { ...saved };
  for (const key of TEXTS) {
    const text = draft[key];
    if (typeof text === 'string') form[key] = text;
  }
  if (Array.isArray(draft.asks)) form.asks = (draft.asks as Asked[]).filter((line) => typeof line?.ask === 'string').slice(0, 30);
  const questions = questionsOf(ctx.model, form.asks, form.language, await productsOffered(ctx.db));
  return formPage({
    form,
    company,
    questions,
    stamp: '',
    answers: new Map(),
    wrong: new Map(),
    consents: false,
    note: null,
    framed: false,
  });
}

/** What became of what was sent, by form: the leads that there are, and what was refused. */
export const formCounts = (q: Queryable): Promise<{ form: string; outcome: 'accepted' | 'suspect' | 'refused'; n: number }[]> =>
  q.query(
    `select form_id as form, case when suspect then 'suspect' else 'accepted' end as outcome, count(*)::int as n
     from leads where form_id is not null and deleted_at is null group by 1, 2
     union all select form, 'refused', n from lead_form_refusals order by 1, 2`,
  );
