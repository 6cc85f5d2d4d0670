import { FieldProblem, type ValueEnv } from '#engine/declare/field.ts';
import { fieldTypes } from '#engine/declare/fields/index.ts';
import { phoneNumber } from '#engine/declare/fields/phone/phone.ts';
import type { Question } from './questions.ts';

/** What somebody wrote, by line; only what was filled in. */
export type Answers = ReadonlyMap<string, string>;

/** What can be wrong with what was written. */
export type Fault = 'required' | 'email' | 'phone' | 'number' | 'choice' | 'date' | 'long' | 'value';

/** What is wrong at which line. */
export type Wrong = ReadonlyMap<string, Fault>;

const ADDRESS = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,190}\.[^\s@<>".]{2,}$/;
const AMOUNT = /^\d{1,12}(?:[.,]\d{1,2})?$/;
const LINK = /https?:\/\/|www\.|\[url|<a\s/gi;
/** Zero bytes cannot be kept; other control characters have no place in what a person types. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what takes them out
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
/** More links than this in a message is what robots write. */
const MOST_LINKS = 2;

/** Reads what was sent line by line. Pure. */
export function readAnswers(
  questions: readonly Question[],
  sent: ReadonlyMap<string, string>,
  env: ValueEnv,
): { answers: Answers; wrong: Wrong } {
  const answers = new Map<string, string>();
  const wrong = new Map<string, Fault>();
  for (const question of questions) {
    const { ask, kind, max, required } = question;
    const text = cleaned(sent.get(ask) ?? '', kind === 'area');
    if (text === '' || (kind === 'check' && !['on', 'true'].includes(text))) {
      if (required) wrong.set(ask, 'required');
      continue;
    }
    answers.set(ask, text.slice(0, max));
    if (text.length > max) wrong.set(ask, 'long');
    else {
      const fault = faultOf(question, text, env);
      if (fault) wrong.set(ask, fault);
    }
  }
  return { answers, wrong };
}

/** A text without what nobody types; of one line unless it may have more. Pure. */
function cleaned(text: string, lines: boolean): string {
  const plain = text.replace(CONTROLS, '').replace(/\r\n?/g, '\n').toWellFormed().trim();
  return lines ? plain : plain.replace(/\s+/g, ' ');
}

function faultOf(
  { kind, options, own }: Question,
  text: string,
  env: ValueEnv,
): 'email' | 'phone' | 'number' | 'choice' | 'date' | 'value' | null {
  if (kind === 'email') return ADDRESS.test(text) ? null : 'email';
  if (kind === 'tel') return isPhone(text, env) ? null : 'phone';
  if (kind === 'choice' && !options.some(({ value }) => value === text)) return 'choice';
  if (kind === 'number' && !own) return AMOUNT.test(text) ? null : 'number';
  if (!own) return null;
  try {
    fieldTypes.get(own.field.type)?.parse(ownValue(kind, text), own.field, env);
    return null;
  } catch (problem) {
    if (!(problem instanceof FieldProblem)) throw problem;
    return kind === 'number' ? 'number' : kind === 'date' ? 'date' : 'value';
  }
}

function isPhone(text: string, env: ValueEnv): boolean {
  try {
    return /\d{4}/.test(text.replace(/\D/g, '')) && phoneNumber(text, env) !== null;
  } catch (problem) {
    if (problem instanceof FieldProblem) return false;
    throw problem;
  }
}

/** What is written into a field of the company's own. Pure. */
export const ownValue = (kind: Question['kind'], text: string): unknown =>
  kind === 'check' ? true : kind === 'number' ? Number(text.replace(',', '.')) : text;

/** Whether it looks as what robots send: links where a person has none, markup, or too many of them. Pure. */
export function looksSuspect(answers: Answers): boolean {
  for (const [ask, text] of answers) {
    const links = text.match(LINK)?.length ?? 0;
    if (links > (ask === 'message' || ask === 'need' ? MOST_LINKS : 0)) return true;
    if (/<\s*(script|iframe|img|a)\b/i.test(text)) return true;
  }
  return false;
}
