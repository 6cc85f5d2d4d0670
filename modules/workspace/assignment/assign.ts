import { SYSTEM } from '#engine/access/actor.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { bindContext, type Context, sqlContext } from '#engine/record/context.ts';
import type { Queryable } from '#engine/store/db.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { Params } from '#engine/store/sql.ts';
import { isPerigonError } from '#kit/errors.ts';
import { type Candidate, languageWords, leastLoaded, nextInTurn, skilled, type Way } from './choose.ts';
import { candidates, usersOfTerritories } from './people.ts';

/** Objects whose records rules give away. */
export const ASSIGNABLE: readonly string[] = ['lead'];

export interface AssignmentRule {
  id: string;
  name: string;
  condition: unknown;
  way: Way;
  users: string[];
  skills: string[];
  skillsFrom: ('product' | 'language')[];
}

/** Why somebody got a record, in the words of then: the rule may be another by now. */
export interface Why {
  way: Way;
  rule: string;
  at: string;
  /** Of load: how many open ones were theirs, and for what share of a full load. */
  open?: number;
  capacity?: number;
  skills?: string[];
  territory?: string;
}

export interface Given {
  user: { id: string; name: string };
  rule: string;
  why: Why;
}

/** The active rules of an object in their order, with all whom they name, by name or by team. */
export const assignmentRules = (q: Queryable, object: string): Promise<AssignmentRule[]> =>
  q.query<AssignmentRule>(
    `select r.id, r.name, r.condition, r.way, coalesce(r.skills, '{}') as skills, coalesce(r.skills_from, '{}') as "skillsFrom",
       array(select m.to_id from assignment_rules_members m where m.from_id = r.id
         union select u.id from assignment_rules_teams m join users u on u.team_id = m.to_id and u.deleted_at is null where m.from_id = r.id) as users
     from assignment_rules r where r.object = $1::text and r.deleted_at is null and r.active is not false
     order by coalesce(r.position, 100001), r.created_at, r.id`,
    [object],
  );

/** What rules ask of a record, and which of them take it. */
interface Fact {
  id: string;
  takes: (boolean | null)[];
  territory: string | null;
  product: string | null;
  language: string | null;
}

async function factsOf(
  q: Queryable,
  ctx: Pick<Context, 'model' | 'env'>,
  object: ModelObject,
  rules: readonly AssignmentRule[],
  ids: readonly string[],
): Promise<Fact[]> {
  const params = new Params();
  const system = { ...ctx, actor: SYSTEM };
  const sql = sqlContext(system, params, 'as');
  const takes = rules.map(({ condition }) => {
    if (condition === null || condition === undefined) return 'true';
    try {
      return `(${toSql(bindPredicate(bindContext(system), object, condition), 't', sql)})`;
    } catch (error) {
      // What it looks at is out of use: such a rule takes nothing until it is mended.
      if (isPerigonError(error)) return 'false';
      throw error;
    }
  });
  const party = object.party ? object.fields.get(object.party) : undefined;
  const product = object.fields.get('product');
  return q.query<Fact>(
    `select t.id, array[${takes.join(', ')}]::boolean[] as takes, ${party ? 'p.territory_id' : 'null::uuid'} as territory,
       ${party ? 'p.language' : 'null::text'} as language, ${product ? 'o.name' : 'null::text'} as product
     from ${object.table} t ${party ? `left join parties p on p.id = t.${party.column}_id` : ''}
       ${product ? `left join products o on o.id = t.${product.column}_id` : ''}
     where t.id = any(${params.add([...ids], 'uuid[]')}) order by t.created_at, t.id`,
    params.values,
  );
}

/**
 * Who gets which of some records, by the rules of their object. Rules are asked in their order; one that takes a record and has
 * nobody who is there passes it on to the next. With `keep` the turns are taken: whoever asks the same rule meanwhile waits for
 * the end of this transaction, so that two records at once go to two people.
 */
export async function chooseOwners(
  q: Queryable,
  ctx: Pick<Context, 'model' | 'env'>,
  object: ModelObject,
  ids: readonly string[],
  o: { keep: boolean; rules?: readonly AssignmentRule[] },
): Promise<Map<string, Given>> {
  const given = new Map<string, Given>();
  const rules = o.rules ?? (await assignmentRules(q, object.key));
  if (rules.length === 0 || ids.length === 0) return given;
  const facts = await factsOf(q, ctx, object, rules, ids);
  const [company] = await q.query<{ language: string }>(`select value #>> '{}' as language from settings where key = 'language'`);
  const extra = new Map<string, number>();
  for (const [i, rule] of rules.entries()) {
    const taken = facts.filter((fact) => fact.takes[i] === true && !given.has(fact.id));
    if (taken.length === 0) continue;
    // In the order of the rules, everywhere, so that nobody waits for each other.
    if (o.keep) await q.query(`select pg_advisory_xact_lock(hashtextextended('perigon assignment ' || $1::text, 0))`, [rule.id]);
    const round = await Round.of(q, ctx, object, rule, taken, ids, extra);
    for (const fact of taken) {
      const found = round.choose(fact, company?.language ?? 'en', ctx.env.now.toISOString());
      if (found) given.set(fact.id, found);
    }
    if (o.keep) await round.keep(q);
  }
  return given;
}

/** One rule giving out records. */
class Round {
  private readonly moved = new Set<Candidate>();
  private turn: number;
  private constructor(
    private readonly rule: AssignmentRule,
    private readonly all: readonly Candidate[],
    private readonly territories: ReadonlyMap<string, { users: string[]; territory: string }>,
    private readonly extra: Map<string, number>,
  ) {
    this.turn = Math.max(-1, ...all.map(({ turn }) => turn ?? -1));
  }

  static async of(
    q: Queryable,
    ctx: Pick<Context, 'model' | 'env'>,
    object: ModelObject,
    rule: AssignmentRule,
    taken: readonly Fact[],
    without: readonly string[],
    extra: Map<string, number>,
  ): Promise<Round> {
    const lying = [...new Set(taken.flatMap(({ territory }) => territory ?? []))];
    const territories = rule.way === 'territory' ? await usersOfTerritories(q, ctx, lying) : new Map();
    const users = rule.way === 'territory' ? [...new Set([...territories.values()].flatMap((one) => one.users))] : rule.users;
    const all = await candidates(q, ctx, { object, rule: rule.id, users, without });
    for (const one of all) one.open += extra.get(one.id) ?? 0;
    return new Round(rule, all, territories, extra);
  }

  choose(fact: Fact, language: string, at: string): Given | null {
    const { rule } = this;
    const why: Why = { way: rule.way, rule: rule.name, at };
    let one: Candidate | null = null;
    if (rule.way === 'roundRobin' || rule.way === 'fixed') one = nextInTurn(this.all);
    if (rule.way === 'load') {
      one = leastLoaded(this.all);
      if (one) Object.assign(why, { open: one.open, capacity: one.capacity });
    }
    if (rule.way === 'skill') {
      const asked = demandsOf(rule, fact, language);
      one = asked && leastLoaded(skilled(this.all, asked));
      if (one && asked) why.skills = asked.map(([word = '']) => word);
    }
    if (rule.way === 'territory') {
      const staff = this.territories.get(fact.territory ?? '');
      one = nextInTurn(this.all.filter(({ id }) => staff?.users.includes(id)));
      if (one && staff) why.territory = staff.territory;
    }
    if (!one) return null;
    one.turn = ++this.turn;
    one.open++;
    this.extra.set(one.id, (this.extra.get(one.id) ?? 0) + 1);
    this.moved.add(one);
    return { user: { id: one.id, name: one.name }, rule: rule.id, why };
  }

  /** Keeps whose turn it was. */
  async keep(q: Queryable): Promise<void> {
    if (this.moved.size === 0) return;
    await q.query(
      `insert into assignment_turns (rule, member, turn) select $1::uuid, x.member, x.turn from json_to_recordset($2::json) as x(member uuid, turn bigint)
       on conflict (rule, member) do update set turn = excluded.turn`,
      [this.rule.id, JSON.stringify([...this.moved].map(({ id, turn }) => ({ member: id, turn })))],
    );
  }
}

/** What a record asks of whoever gets it; null where it does not say what the rule goes by. */
function demandsOf(rule: AssignmentRule, { product, language }: Fact, companyLanguage: string): string[][] | null {
  const demands = rule.skills.map((skill) => [skill]);
  if (rule.skillsFrom.includes('product')) {
    if (!product) return null;
    demands.push([product]);
  }
  if (rule.skillsFrom.includes('language')) {
    if (!language) return null;
    demands.push(languageWords(language, companyLanguage));
  }
  return demands;
}
