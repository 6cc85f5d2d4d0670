import type { Predicate } from '#engine/declare/condition.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { resolvePath } from '#engine/declare/path.ts';
import { readableTitles } from '#engine/notify/notices.ts';
import { bindContext, type Context } from '#engine/record/context.ts';
import { isAnchor, isOffset, relativeDate } from '#kit/calendar.ts';
import { isId } from '#kit/ids.ts';
import { isObject } from '#kit/json.ts';
import { daySaid, filled, momentSaid } from './said.ts';
import { cutName, type Speak } from './table.ts';

/** Conditions in words, for what is printed: names of records are those that the reader may know. */

interface Say {
  ctx: Context;
  speak: Speak;
  language: string;
  titles: ReadonlyMap<string, string | null>;
}

/** Values of a condition that are records, by their object. */
function recordsIn(ctx: Context, object: ModelObject, where: Predicate, found: Map<string, Set<string>>): void {
  if ('all' in where || 'any' in where || 'none' in where) {
    for (const one of 'all' in where ? where.all : 'any' in where ? where.any : where.none) recordsIn(ctx, object, one, found);
    return;
  }
  if (!('field' in where)) return;
  const field = resolvePath(bindContext(ctx), object, where.field)?.field;
  const target = field ? targetOf(field) : null;
  if (target === null) return;
  const ids = [where.value].flat().filter((one): one is string => typeof one === 'string' && isId(one));
  found.set(target, new Set([...(found.get(target) ?? []), ...ids]));
}

/** A condition as a line; what is deeper than can be said in one is only named. */
export async function filterSaid(ctx: Context, object: ModelObject, where: Predicate, speak: Speak, language: string): Promise<string> {
  const found = new Map<string, Set<string>>();
  recordsIn(ctx, object, where, found);
  const titles = new Map<string, string | null>();
  for (const [key, ids] of found) {
    const target = ctx.model.objects.get(key);
    if (target && ids.size > 0) for (const [id, title] of await readableTitles(ctx, target, [...ids])) titles.set(id, title);
  }
  return said({ ctx, speak, language, titles }, object, where);
}

function said(say: Say, object: ModelObject, where: Predicate): string {
  const word = (key: string, plain: string): string => say.speak(`print.${key}`) ?? plain;
  const list = (of: readonly Predicate[], between: string): string => of.map((one) => said(say, object, one)).join(` ${between} `);
  if ('all' in where) return list(where.all, word('and', 'and'));
  if ('any' in where) return `(${list(where.any, word('or', 'or'))})`;
  if ('none' in where) return `${word('not', 'not')} (${list(where.none, word('or', 'or'))})`;
  if (!('field' in where)) {
    const field = cutName(say.ctx, object.key, where.count, say.speak);
    const op = Object.keys(where).find((key) => key !== 'count' && key !== 'where') ?? 'gte';
    return `${field} ${word(`op.${op}`, op)} ${[(where as Record<string, unknown>)[op]].flat().join(' – ')}`;
  }
  const name = cutName(say.ctx, object.key, where.field, say.speak);
  const op = word(`op.${where.op}`, where.op);
  if (where.op === 'isEmpty' || where.op === 'isNotEmpty') return `${name} ${op}`;
  const values = [where.value].flat().map((value) => valueSaid(say, object, where.field, value));
  return filled(`${name} ${op} {{values}}`, { values: values.join(where.op === 'between' ? ' – ' : ', ') });
}

function valueSaid({ ctx, speak, language, titles }: Say, object: ModelObject, path: string, value: unknown): string {
  if (value === true || value === false) return speak(`print.${value ? 'yes' : 'no'}`) ?? String(value);
  if (isObject(value) && typeof value.amount === 'string' && typeof value.currency === 'string')
    return new Intl.NumberFormat(language, { style: 'currency', currency: value.currency, currencyDisplay: 'narrowSymbol' }).format(
      Number(value.amount),
    );
  if (isAnchor(value) || isOffset(value)) return daySaid(relativeDate(value, ctx.env.now, ctx.env.timeZone), language);
  if (typeof value === 'number') return new Intl.NumberFormat(language).format(value);
  const text = String(value);
  if (isId(text)) return titles.get(text) ?? '–';
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return daySaid(text, language);
  if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text))) return momentSaid(new Date(text), language, ctx.env.timeZone);
  const found = resolvePath(bindContext(ctx), object, path);
  return (found && speak(`${found.object.key}.options.${found.field.key}.${text}`)) ?? text;
}
