import { addNotices } from '#engine/notify/notices.ts';
import type { Context } from '#engine/record/context.ts';
import { identifierOf } from '#engine/record/resolve.ts';
import { transact } from '#engine/record/transact.ts';
import { writeIn } from '#engine/record/write.ts';
import { type Tx, within } from '#engine/store/db.ts';
import { notFound } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { type Answers, ownValue } from './answers.ts';
import type { FormRow } from './form-row.ts';
import { isAgain } from './guard.ts';
import type { Question } from './questions.ts';

/** What is written down of somebody who answered a form. */
export interface Submission {
  form: FormRow;
  questions: readonly Question[];
  answers: Answers;
  suspect: boolean;
  consents: boolean;
  /** Where it came from, as proof of a consent. */
  address: string;
}

/**
 * Takes an answer in, all of it or nothing, under one cause: whom it names is found by address or number, or made; what a customer
 * that is known holds stays as it is. The very same within ten minutes is the one that is there. Gives who is told of it.
 */
export function receiveAnswer(ctx: Context, submission: Submission): Promise<readonly string[]> {
  const { form, questions, answers, suspect } = submission;
  return transact({ db: ctx.db, wrote: ctx.wrote }, async (tx) => {
    if (await isAgain(tx, form.id, JSON.stringify([...answers]))) return [];
    const own = { ...ctx, db: within(ctx.db, tx), once: undefined };
    const known = await partyOf(tx, own, answers);
    const party = known ?? (await makeParty(tx, own, submission));
    const lead = newId();
    const message = messageOf(submission, known !== null);
    await create(tx, own, 'lead', lead, {
      party,
      ...nameOf(submission),
      status: 'new',
      source: form.source,
      owner: form.owner,
      product: productOf(submission),
      message,
      need: answers.get('need') ?? null,
      budget: answers.has('budget') ? { amount: String(answers.get('budget')).replace(',', '.'), currency: ctx.env.baseCurrency } : null,
      timeframe: answers.get('timeframe') ?? null,
      suspect,
      form: form.id,
      ...ownValues(questions, answers, 'lead'),
    });
    const at = ctx.env.now.toISOString();
    await create(tx, own, 'interaction', newId(), {
      party,
      at,
      channel: 'web',
      direction: 'inbound',
      kind: 'message',
      purpose: 'sales',
      subject: form.heading,
      body: message,
      product: productOf(submission),
    });
    // A consent is proof; what a robot ticks proves nothing. Nor may somebody who types the address of a customer allow what that
    // customer never did, or took back: of one that is known it stands in the message, for whoever answers to ask.
    if (submission.consents && !suspect && known === null)
      await create(tx, own, 'consent', newId(), {
        party,
        decision: 'given',
        purpose: form.consentPurpose ?? 'marketing',
        channel: answers.has('email') ? 'email' : 'phone',
        at,
        how: 'form',
        wording: form.consentText,
        wordingVersion: `${form.slug} ${form.version}`,
        source: submission.address.slice(0, 200),
        author: null,
      });
    if (suspect) return [];
    return addNotices(
      tx,
      form.notified.map((user) => ({
        user,
        kind: 'flow' as const,
        object: 'lead',
        record: lead,
        count: 1,
        actor: null,
        cause: ctx.cause.id,
        job: null,
        text: form.name,
      })),
    );
  });
}

async function create(tx: Tx, ctx: Context, object: string, id: string, values: Record<string, unknown>): Promise<void> {
  const given = Object.fromEntries(Object.entries(values).filter(([key, value]) => value !== null || key === 'owner' || key === 'author'));
  const [result] = await writeIn(tx, ctx, ctx.model.object(object), [{ op: 'create', id, values: given }], { trusted: true });
  if (!result?.ok) throw result?.error ?? notFound();
}

/** The one customer whom address and number name; null where nobody has them, or several. */
async function partyOf(tx: Tx, ctx: Context, answers: Answers): Promise<string | null> {
  const points = (['email', 'phone'] as const).flatMap((kind) => {
    const value = answers.get(kind);
    return value === undefined ? [] : [{ k: kind, v: identifierOf(ctx, kind, value) }];
  });
  const rows = await tx.query<{ id: string }>(
    `select distinct i.record_id as id from json_to_recordset($1::json) as w(k text, v text)
     join identifiers i on i.kind = w.k and i.value = w.v and i.object = 'party'
     join parties p on p.id = i.record_id and p.deleted_at is null limit 2`,
    [JSON.stringify(points)],
  );
  return rows.length === 1 ? (rows[0]?.id ?? null) : null;
}

async function makeParty(tx: Tx, ctx: Context, { form, questions, answers, suspect }: Submission): Promise<string> {
  const [name, company] = [answers.get('name'), answers.get('company')];
  const id = newId();
  const reach = {
    ...(answers.has('email') ? { emails: [answers.get('email')] } : {}),
    ...(answers.has('phone') ? { phones: [answers.get('phone')] } : {}),
  };
  const isPerson = name !== undefined || company === undefined;
  // Where they work is looked up by its very name; of somebody who may be a robot no company is made.
  const parent = isPerson && company !== undefined && !suspect ? await companyOf(tx, ctx, company, form) : null;
  await create(tx, ctx, 'party', id, {
    kind: isPerson ? 'person' : 'organisation',
    name: name ?? company ?? answers.get('email') ?? answers.get('phone'),
    roles: ['prospect'],
    owner: form.owner,
    language: form.language,
    parent,
    jobTitle: isPerson ? (answers.get('jobTitle') ?? null) : null,
    city: answers.get('city')?.slice(0, 120) ?? null,
    ...reach,
    ...ownValues(questions, answers, 'party'),
  });
  return id;
}

async function companyOf(tx: Tx, ctx: Context, name: string, form: FormRow): Promise<string> {
  const found = await tx.query<{ id: string }>(
    `select id from parties where kind = 'organisation' and perigon_fold(name) collate "C" = perigon_fold($1::text) collate "C" and deleted_at is null limit 2`,
    [name],
  );
  if (found.length === 1 && found[0]) return found[0].id;
  const id = newId();
  await create(tx, ctx, 'party', id, { kind: 'organisation', name, roles: ['prospect'], owner: form.owner });
  return id;
}

const ownValues = (questions: readonly Question[], answers: Answers, object: 'lead' | 'party'): Record<string, unknown> =>
  Object.fromEntries(
    questions.flatMap(({ ask, kind, own }) => {
      const text = answers.get(ask);
      return own?.object === object && text !== undefined ? [[own.field.key, ownValue(kind, text)]] : [];
    }),
  );

const productOf = ({ form, answers }: Submission): string | null => answers.get('product') ?? form.product;

/** A lead without a product is called as the form that it answers; one with a product by that (`lead.rules`). */
const nameOf = (submission: Submission): { name?: string } => (productOf(submission) ? {} : { name: submission.form.heading });

/**
 * What they wrote, and below it what they said of themselves where it is nowhere else: a customer that is known is not changed by
 * whoever types an address into a form.
 */
function messageOf({ form, questions, answers, suspect, consents }: Submission, known: boolean): string | null {
  const kept = new Set(['message', 'need', 'product', 'budget', 'timeframe']);
  const beside = questions.flatMap(({ ask, label, own }) => {
    const text = answers.get(ask);
    if (text === undefined || kept.has(ask) || own?.object === 'lead') return [];
    return known || (suspect && ask === 'company') ? [`${label}: ${text}`] : [];
  });
  if (known && consents && !suspect && form.consentText) beside.push(`✓ ${form.consentText}`);
  return [answers.get('message'), beside.length > 0 ? beside.join('\n') : undefined].filter(Boolean).join('\n\n—\n') || null;
}
