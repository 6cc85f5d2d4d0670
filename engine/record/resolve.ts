import { requireVerb, scopeCondition } from '#engine/access/policy.ts';
import { FieldProblem } from '#engine/declare/field.ts';
import { phoneNumber } from '#engine/declare/fields/phone/phone.ts';
import { titleSql } from '#engine/store/projection.ts';
import { and, Params } from '#engine/store/sql.ts';
import { invalid } from '#kit/errors.ts';
import { fold } from '#kit/fold.ts';
import { isObject } from '#kit/json.ts';
import type { Context } from './context.ts';

export interface Candidate {
  id: string;
  name: string | null;
  /** How many of the identifiers name it, primary ones counting double. */
  score: number;
  matched: string[];
}

/**
 * Whom addresses, numbers, handles and external ids name: the one party where it is clear, otherwise a ranked list.
 * `identifiers`: `[{kind: 'email' | 'phone' | 'handle' | a system's name, value}]`.
 */
export async function resolveParty(ctx: Context, identifiers: unknown): Promise<{ party: Candidate | null; candidates: Candidate[] }> {
  const party = ctx.model.object('party');
  requireVerb(ctx.actor, party, 'read');
  if (!Array.isArray(identifiers) || identifiers.length === 0 || identifiers.length > 50)
    throw invalid('Give 1 to 50 identifiers.', [{ path: 'identifiers', code: 'type', detail: 'Expected [{"kind":"email","value":"…"}].' }]);
  const points: { k: string; v: string }[] = [];
  identifiers.forEach((item, i) => {
    if (!isObject(item) || typeof item.kind !== 'string' || typeof item.value !== 'string')
      throw invalid('An identifier cannot be read.', [{ path: `identifiers.${i}`, code: 'type', detail: 'Expected {"kind","value"}.' }]);
    points.push({ k: item.kind, v: identifierOf(ctx, item.kind, item.value) });
  });
  const params = new Params();
  const list = params.add(JSON.stringify(points), 'json');
  const where = and(['t.deleted_at is null', scopeCondition(ctx.model, ctx.actor, party, 'read', 't', params)]);
  // An external id is exclusive, so it outweighs any number of shared addresses.
  const rows = await ctx.db.keyed<Candidate>(
    `with wanted as (select k, v from json_to_recordset(${list}) as x(k text, v text)),
     found as (
       select i.record_id as id, i.kind, case when i.is_primary then 2 else 1 end as points from identifiers i join wanted w on w.k = i.kind and w.v = i.value where i.object = 'party'
       union all select e.record_id, e.system, 100 from external_ids e join wanted w on w.k = e.system and w.v = e.value where e.object = 'party')
     select t.id, ${titleSql(party, 't')} as name, sum(f.points)::int as score, array_agg(distinct f.kind) as matched
     from found f join parties t on t.id = f.id where ${where} group by t.id order by score desc, t.updated_at desc, t.id limit 20`,
    params.values,
  );
  const [first, second] = rows;
  return { party: first && (!second || second.score < first.score) ? first : null, candidates: rows };
}

/** An identifier in the form in which it is kept. */
export function identifierOf(ctx: Pick<Context, 'env'>, kind: string, value: string): string {
  if (kind === 'phone') return normalPhone(ctx, value);
  return kind === 'email' || kind === 'handle' ? fold(value.trim()) : value.trim();
}

function normalPhone(ctx: Pick<Context, 'env'>, value: string): string {
  try {
    return fold(phoneNumber(value, ctx.env)?.value ?? value);
  } catch (problem) {
    if (problem instanceof FieldProblem) return value;
    throw problem;
  }
}
