import { z } from 'zod';
import type { Predicate } from '#engine/declare/condition.ts';
import { MAX_EXPRESSION } from '#engine/declare/formula/terms.ts';
import { invalid, type Problem } from '#kit/errors.ts';
import { isObject, type JsonObject } from '#kit/json.ts';

/** What may be told to the catalogue, in the shape of the declarations themselves. */

const Key = z
  .string()
  .regex(/^x[A-Z][A-Za-z0-9]{0,30}$/, 'A key begins with x and a capital letter, as xRegion; up to 32 letters and digits.');
const AnyKey = z.string().regex(/^[a-z][a-zA-Z0-9]{0,40}$/);
const Word = z.string().trim().min(1).max(80);
const Language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/);
const spoken = <T extends z.ZodType>(of: T) =>
  z.record(Language, of).refine((words) => Object.keys(words).length > 0, 'Words in one language at least.');
const OptionKey = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,60}$/, 'A key has letters and digits and begins with a letter.');

export const OptionShape = z.strictObject({
  key: OptionKey,
  color: z.string().max(20).optional(),
  retired: z.boolean().optional(),
});
const Options = z.array(OptionShape).min(1).max(500);

const whole = (min: number, max: number) => z.number().int().min(min).max(max).optional();
const bounds = { min: z.number().optional(), max: z.number().optional() };
const Target = z.string().max(60);

const Expression = z.string().max(MAX_EXPRESSION);
const FormulaType = z.enum(['percent', 'integer', 'decimal']);
export const TriedFormula = z.strictObject({
  expression: Expression,
  type: FormulaType.optional(),
  optionsOf: z.string().max(60).optional(),
});

const RollUp = z.strictObject({
  over: z.string().max(60),
  op: z.enum(['count', 'sum', 'min', 'max', 'first', 'last']),
  field: z.string().max(60).optional(),
  by: z.string().max(60).optional(),
  where: z.custom<JsonObject>(isObject, 'Expected a condition.').optional(),
  visibility: z.literal('record').optional(),
});

/** The options of each type a company may use. What lies elsewhere than in its record is declared in code. */
export const TYPE_OPTIONS: Record<string, z.ZodType<JsonObject>> = {
  text: z.strictObject({ max: whole(1, 5000) }),
  longText: z.strictObject({ max: whole(1, 100_000) }),
  richText: z.strictObject({}),
  select: z.strictObject({ options: Options }),
  multiSelect: z.strictObject({ options: Options }),
  boolean: z.strictObject({}),
  integer: z.strictObject(bounds),
  decimal: z.strictObject({ ...bounds, scale: whole(0, 12) }),
  percent: z.strictObject({}),
  money: z.strictObject({ rateOn: AnyKey.optional() }),
  date: z.strictObject({}),
  dateTime: z.strictObject({}),
  duration: z.strictObject(bounds),
  rating: z.strictObject({ max: whole(2, 10) }),
  email: z.strictObject({ many: z.boolean().optional() }),
  phone: z.strictObject({ many: z.boolean().optional() }),
  url: z.strictObject({}),
  address: z.strictObject({ many: z.boolean().optional() }),
  personName: z.strictObject({}),
  country: z.strictObject({}),
  language: z.strictObject({}),
  recurrence: z.strictObject({}),
  currency: z.strictObject({}),
  colour: z.strictObject({}),
  tags: z.strictObject({}),
  user: z.strictObject({}),
  reference: z.strictObject({ to: Target, inverse: Key.optional() }),
  manyToMany: z.strictObject({ to: Target, roles: z.array(OptionKey).max(50).optional() }),
  file: z.strictObject({
    many: z.boolean().optional(),
    accept: z.array(z.string().max(100)).max(50).optional(),
    maxBytes: z.number().int().positive().optional(),
  }),
  image: z.strictObject({ accept: z.array(z.string().max(100)).max(50).optional(), maxBytes: z.number().int().positive().optional() }),
  autoNumber: z.strictObject({ pattern: z.string().min(1).max(60), start: whole(0, 1_000_000_000), gapless: z.boolean().optional() }),
  json: z.strictObject({}),
  rollUp: RollUp,
  formula: TriedFormula,
};

/** A condition of the predicate language; whether it can be read is decided with the model it is for. */
const Condition = z.custom<Predicate>(isObject, 'Expected a condition.');

/** A field as declared: type, its own options, and what every type takes. */
const FieldShape = z.strictObject({
  type: z.enum(Object.keys(TYPE_OPTIONS) as [string, ...string[]]),
  with: z.record(z.string(), z.unknown()).optional(),
  required: z.boolean().optional(),
  default: z.json().optional(),
  unique: z.boolean().optional(),
  index: z.boolean().optional(),
  search: z.enum(['words', 'phone']).optional(),
  personal: z.boolean().optional(),
  requiredWhen: Condition.optional(),
  shownWhen: Condition.optional(),
});

const FieldWordsShape = z.strictObject({
  label: Word,
  options: z.record(z.string().max(60), Word).optional(),
  inverse: Word.optional(),
});

export const NewObject = z.strictObject({
  key: Key.optional(),
  plural: Key.optional(),
  icon: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default('box'),
  words: spoken(z.strictObject({ name: Word, plural: Word })),
  title: z
    .strictObject({ words: spoken(z.strictObject({ label: Word })) })
    .optional()
    .describe('What its records are called by: a line of text'),
  party: z.boolean().optional().describe('Belongs to a customer: stands in the 360° view and the timeline'),
  owner: z.boolean().optional().describe('Has an owner: roles reach own, team or all'),
});
export const ObjectChange = z.strictObject({
  words: z.record(Language, z.strictObject({ name: Word.nullish(), plural: Word.nullish() })).optional(),
  icon: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .optional(),
  retired: z.boolean().optional(),
});
export const NewField = z.strictObject({ key: Key.optional(), field: FieldShape, words: spoken(FieldWordsShape) });
export const FieldChange = z.strictObject({
  words: z
    .record(
      Language,
      z.strictObject({ label: Word.nullish(), options: z.record(z.string().max(60), Word).optional(), inverse: Word.optional() }),
    )
    .optional(),
  required: z.boolean().optional(),
  requiredWhen: Condition.nullish(),
  shownWhen: Condition.nullish(),
  default: z.json().optional(),
  index: z.literal(true).optional(),
  expression: Expression.optional().describe('Of a formula: another one that gives values of the same type'),
  rollUp: RollUp.optional().describe('Of a roll-up: what it is reckoned from now, giving values of the same type; it is reckoned anew'),
  options: Options.optional(),
  retired: z.boolean().optional(),
});
const Section = z.strictObject({
  key: AnyKey,
  fields: z.array(z.string().max(60)).max(200),
  columns: z.union([z.literal(1), z.literal(2)]).optional(),
  wide: z.array(z.string().max(60)).max(200).optional(),
  when: Condition.optional(),
});
export const LayoutChange = z.strictObject({
  form: z.array(Section).max(40).optional(),
  forms: z.record(z.string().max(60), z.array(Section).max(40)).optional(),
  columns: z.array(z.string().max(200)).min(1).max(40).optional(),
  words: z.record(Language, z.record(AnyKey, Word)).optional(),
});

/** Reads input by a shape; throws `invalid` with every fault at its place, below `at`. */
export function readShape<T>(shape: z.ZodType<T>, input: unknown, at: readonly string[] = []): T {
  const parsed = shape.safeParse(input);
  if (parsed.success) return parsed.data;
  throw refused(
    parsed.error.issues.slice(0, 100).map((issue) => ({ path: [...at, ...issue.path].join('.'), code: issue.code, detail: issue.message })),
  );
}

/** The refusal of a change. */
export const refused = (problems: Problem[]) =>
  invalid(problems.length === 1 ? (problems[0]?.detail ?? '') : `${problems.length} things cannot be accepted.`, problems);
