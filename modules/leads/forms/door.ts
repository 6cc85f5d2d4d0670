import type { Actor } from '#engine/access/actor.ts';
import { systemAs } from '#engine/access/actor.ts';
import { HONEYPOT, judgeStamp, stampOf } from '#engine/access/public-guard.ts';
import type { Vault } from '#engine/access/vault.ts';
import { type Cause, type Context, newCause } from '#engine/record/context.ts';
import { loadSettings } from '#engine/record/settings.ts';
import type { Db } from '#engine/store/db.ts';
import { isPerigonError } from '#kit/errors.ts';
import { type Answers, looksSuspect, readAnswers, type Wrong } from './answers.ts';
import { type FormRow, formAt, productsOffered } from './form-row.ts';
import { countRefusal, pace } from './guard.ts';
import { type FormShown, formPage, thanksPage } from './page.ts';
import { type Question, questionsOf } from './questions.ts';
import { receiveAnswer } from './receive.ts';

/** What the public door of forms is given. */
export interface FormDoors {
  db: Db;
  vault: Vault;
  context(actor: Actor, cause: Cause): Promise<Context>;
  /** Open pages of these users look for what they are told. */
  notice(users: readonly string[]): void;
}

/** What came of a call: a page, its status, and whose sites may frame it. */
export interface FormAnswer {
  status: number;
  html: string;
  sites: readonly string[];
  /** The same for programs. */
  told: {
    ok: boolean;
    errors?: { path: string; code: string }[];
    stamp?: string;
    asks?: { ask: string; kind: string; required: boolean }[];
  };
  retryAfter?: number;
}

interface Open {
  ctx: Context;
  form: FormRow;
  company: string;
  questions: Question[];
  framed: boolean;
}

async function open(o: FormDoors, slug: string, framed: boolean): Promise<Open | null> {
  const form = await formAt(o.db, slug);
  if (!form) return null;
  const ctx = await o.context(systemAs('web form'), newCause('request', form.name));
  const products = form.asks.some(({ ask }) => ask === 'product') ? await productsOffered(o.db) : [];
  const company = (await loadSettings(o.db))?.name ?? '';
  return { ctx, form, company, questions: questionsOf(ctx.model, form.asks, form.language, products), framed };
}

function show(
  o: FormDoors,
  { ctx, form, company, questions, framed }: Open,
  more: Partial<Pick<FormShown, 'answers' | 'wrong' | 'consents' | 'note'>> & { status?: number; stamp?: string; retryAfter?: number } = {},
): FormAnswer {
  const fresh = more.stamp ?? stampOf(o.vault, form.id, ctx.env.now);
  const wrong: Wrong = more.wrong ?? new Map();
  const answers: Answers = more.answers ?? new Map();
  const html = formPage({
    form,
    company,
    questions,
    stamp: fresh,
    answers,
    wrong,
    consents: more.consents ?? false,
    note: more.note ?? null,
    framed,
  });
  const status = more.status ?? 200;
  const asks = questions.map(({ ask, kind, required }) => ({ ask, kind, required }));
  const told =
    status === 200
      ? { ok: true, stamp: fresh, asks }
      : {
          ok: false,
          stamp: fresh,
          errors: [...wrong]
            .map(([path, code]) => ({ path, code: code as string }))
            .concat(more.note ? [{ path: '', code: more.note }] : []),
        };
  return { status, html, sites: form.sites, told, ...(more.retryAfter ? { retryAfter: more.retryAfter } : {}) };
}

/** The form at an address; null where there is none in use. */
export async function openForm(o: FormDoors, slug: string, address: string, framed: boolean): Promise<FormAnswer | null> {
  const opened = await open(o, slug, framed);
  if (!opened) return null;
  await pace(o.db, opened.form.id, address, 'opened');
  return show(o, opened);
}

/**
 * Takes what was sent to a form. Whoever sends it is told the same whoever they are: thanks, or what is wrong with what they wrote. What a
 * robot certainly sent is thanked for and only counted.
 */
export async function answerForm(
  o: FormDoors,
  slug: string,
  sent: ReadonlyMap<string, string>,
  address: string,
  framed: boolean,
): Promise<FormAnswer | null> {
  const opened = await open(o, slug, framed);
  if (!opened) return null;
  const { ctx, form, questions, company } = opened;
  const { answers, wrong } = readAnswers(questions, sent, ctx.env);
  const consents = ['on', 'true'].includes(sent.get('consent') ?? '');
  const kept = { answers, consents };
  try {
    await pace(o.db, form.id, address, 'sent');
  } catch (error) {
    if (!isPerigonError(error, 'limited')) throw error;
    await countRefusal(o.db, form.id);
    return show(o, opened, { ...kept, note: 'often', status: 429, retryAfter: Number(error.more.retryAfter ?? 600) });
  }
  const thanks: FormAnswer = { status: 200, html: thanksPage(form, company), sites: form.sites, told: { ok: true } };
  const given = sent.get('stamp') ?? '';
  const says = judgeStamp(o.vault, form.id, given, ctx.env.now);
  const trapped = (sent.get(HONEYPOT) ?? '') !== '';
  if (trapped || says === 'forged') {
    await countRefusal(o.db, form.id);
    return thanks;
  }
  if (says !== 'good') {
    await countRefusal(o.db, form.id);
    // Too early: the stamp ages while they look; too late: a new one is given.
    return show(o, opened, { ...kept, note: says, status: 422, ...(says === 'early' ? { stamp: given } : {}) });
  }
  if (wrong.size > 0) return show(o, opened, { ...kept, wrong, status: 422, stamp: given });
  if (!answers.has('email') && !answers.has('phone')) {
    const ask = questions.find((one) => one.ask === 'email' || one.ask === 'phone')?.ask ?? 'email';
    return show(o, opened, { ...kept, wrong: new Map([[ask, 'required']]), status: 422, stamp: given });
  }
  const told = await receiveAnswer(ctx, {
    form,
    questions,
    answers,
    suspect: looksSuspect(answers),
    consents: consents && form.consentText !== null,
    address,
  });
  o.notice(told);
  return thanks;
}
