import { mayReadField, scopeCondition } from '#engine/access/policy.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import { searchParts } from '#engine/record/search-rows.ts';
import { and, Params } from '#engine/store/sql.ts';
import { invalid } from '#kit/errors.ts';
import { fold } from '#kit/fold.ts';
import { type NearWord, nearWords } from './words.ts';

export interface Hit {
  object: string;
  id: string;
  title: string;
  subtitle: string | null;
  /** Whether the words stand in the title, elsewhere in the record, or a number ends so; or only words that are near them do. */
  match: 'title' | 'words' | 'phone' | 'near';
}

/** Candidates taken from the index of words before ranking. */
const CANDIDATES = 500;
/** Titles taken from those that begin as typed. */
const BEGINNING = 200;
/** As the index of titles has them. */
const TITLE = `(left(perigon_fold(title), 60) collate "C")`;
/** Words may have been typed with a slip where fewer records than this are found by them. */
const FEW = 5;

/**
 * Finds records by words, beginnings of words and ends of telephone numbers over all objects an actor reads. Rights are
 * lexemes of the same index (engine-notes 7); the final rows are checked against the records themselves, so a stale search
 * row shows nothing. An actor with hidden fields is matched anew against what they may see. Where few are found, words near
 * the typed ones are tried (`words.ts`), and what only they find comes last.
 */
export async function search(ctx: Context, o: { q: string; limit?: number; objects?: readonly string[] }): Promise<Hit[]> {
  const limit = Math.min(Math.max(o.limit ?? 20, 1), 50);
  if (typeof o.q !== 'string' || o.q.length > 200)
    throw invalid('The search text is too long.', [{ path: 'q', code: 'tooLong', detail: 'At most 200 characters.' }]);
  const words = partsOf(o.q.normalize('NFC')).filter(Boolean).slice(0, 8);
  const digits = o.q.replace(/\D/g, '');
  const phone = /^[\d\s()+./-]+$/.test(o.q) && digits.length >= 3 ? digits.slice(-12) : null;
  if (words.length === 0 && !phone) return [];
  const objects = [...ctx.model.objects.values()].filter(
    (object) =>
      !object.unsearchable && ctx.actor.rights.scope(object.key, 'read') !== 'none' && (!o.objects || o.objects.includes(object.key)),
  );
  if (objects.length === 0) return [];
  const typed = words.length > 0 ? fold(o.q.normalize('NFC').replace(/\p{C}/gu, '')).trim().slice(0, 60) : null;
  const asTyped: Asked = { words, phone, typed, text: queryText(words, phone), title: words.length > 0 ? wordsQuery(words) : "'~'" };
  const hits = await verified(ctx, await candidates(ctx, asTyped, objects, limit), asTyped, limit);
  if (hits.length >= FEW || hits.length >= limit || words.length === 0) return hits;
  const near = await nearWords(ctx.db, words);
  if (near.size === 0) return hits;
  const text = words
    .map((word) => `(${[wordQuery(word), ...(near.get(word) ?? []).map((one) => quote(one.word))].join(' | ')})`)
    .join(' & ');
  const meant: Asked = { words, phone: null, typed: null, text, title: text };
  const further = await verified(ctx, await candidates(ctx, meant, objects, limit), meant, 50);
  const apart = (hit: Hit) => slipsIn(`${hit.title} ${hit.subtitle ?? ''}`, words, near);
  return [
    ...hits,
    ...further
      .filter((hit) => !hits.some((held) => held.id === hit.id))
      .map((hit) => ({ hit: { ...hit, match: 'near' as const }, apart: apart(hit) }))
      .sort((a, b) => a.apart - b.apart)
      .map(({ hit }) => hit),
  ].slice(0, limit);
}

/** What the index is asked for. */
interface Asked {
  words: readonly string[];
  phone: string | null;
  /** What a title may be or begin with, as typed; null where other words are meant. */
  typed: string | null;
  /** The query of the whole record and of its title alone. */
  text: string;
  title: string;
}

const partsOf = (text: string): string[] => fold(text).split(/[^\p{L}\p{N}]+/u);

/** How far the words typed are from what a record shows of them; a word that does not show counts as the farthest. */
function slipsIn(shown: string, words: readonly string[], near: ReadonlyMap<string, readonly NearWord[]>): number {
  const parts = partsOf(shown);
  let total = 0;
  for (const word of words) {
    if (parts.some((part) => part.startsWith(word))) continue;
    total += near.get(word)?.find((one) => parts.includes(one.word))?.slips ?? 3;
  }
  return total;
}

interface Candidate {
  id: string;
  object: string;
  rank: number;
  phone: boolean;
}

const quote = (lexeme: string): string => `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** The tsquery text of one word, whole or as a beginning. Short beginnings are lexemes, so no wide range is walked; whole words of that length are among them. */
function wordQuery(word: string): string {
  const points = Array.from(word);
  if (points.length <= 3) return quote(`^${word}`);
  return `(${quote(`^${points.slice(0, 3).join('')}`)} & ${quote(word)}:*)`;
}

const wordsQuery = (words: readonly string[]): string => words.map(wordQuery).join(' & ');
const phoneQuery = (digits: string): string => `${quote(`~${Array.from(digits).reverse().join('')}`)}:*`;

function queryText(words: readonly string[], phone: string | null): string {
  const parts = [words.length > 0 ? `(${wordsQuery(words)})` : null, phone ? phoneQuery(phone) : null].filter(Boolean);
  return parts.join(' | ');
}

/**
 * What may be meant: titles that begin as typed, from an index in their order, so that the very title is among them however many
 * records the words are found in; and whatever the words, or a number's end, are found in.
 */
async function candidates(ctx: Context, asked: Asked, objects: readonly ModelObject[], limit: number): Promise<Candidate[]> {
  const params = new Params();
  const { text, typed } = asked;
  const byScope = { all: [] as string[], own: [] as string[], team: [] as string[], territory: [] as string[] };
  for (const object of objects) {
    const scope = ctx.actor.rights.scope(object.key, 'read');
    // Objects without owner and party are read by everyone who reads them at all.
    byScope[scope === 'none' || (!object.owner && !object.party) ? 'all' : scope].push(object.key);
  }
  // Mine, and what is shared with me or one of my teams.
  const mine = [`'o:${ctx.actor.userId}'`, ...ctx.actor.teamIds.map((id) => `'s:${id}'`)];
  const own = `(${mine.join(' | ')})`;
  const teams = [...mine, ...ctx.actor.teamIds.map((id) => `'t:${id}'`)];
  const team = `(${teams.join(' | ')})`;
  const territory = `(${[...teams, ...ctx.actor.territoryIds.map((id) => `'r:${id}'`)].join(' | ')})`;
  const all = [...ctx.model.objects.values()].filter((object) => !object.unsearchable || object.retired).length;
  const groups = [
    { keys: byScope.all, rights: null },
    { keys: byScope.own, rights: own },
    { keys: byScope.team, rights: team },
    { keys: byScope.territory, rights: territory },
  ]
    .filter((group) => group.keys.length > 0)
    .map(({ keys, rights }) => ({ rights, among: keys.length === all ? null : `s.object = any(${params.add(keys, 'text[]')})` }));
  const columns = 's.record_id, s.object, s.title, s.at';
  const found = groups.map(({ rights, among }) => {
    const query = params.add(rights ? `(${text}) & ${rights}` : text, 'tsquery');
    return `(select ${columns} from search s where ${and([`s.lexemes @@ ${query}`, among])} limit ${CANDIDATES})`;
  });
  if (typed) {
    const reached = groups.map(({ rights, among }) => and([rights && `s.lexemes @@ ${params.add(rights, 'tsquery')}`, among]));
    const from = params.add(typed, 'text');
    const to = params.add(`${typed}\u{10ffff}`, 'text');
    found.push(`(select ${columns} from
      (select * from search where ${TITLE} >= ${from} and ${TITLE} < ${to} and title <> '' order by ${TITLE} limit ${BEGINNING}) s
      where ${reached.map((one) => `(${one || 'true'})`).join(' or ')})`);
  }
  const whole = params.add(typed ?? '', 'text');
  return ctx.db.fitted<Candidate>(
    `select c.record_id as id, c.object,
       (case when c.folded = ${whole} then 8 else 0 end + case when ${whole} <> '' and starts_with(c.folded, ${whole}) then 4 else 0 end
        + case when c.title <> '' and perigon_lexemes(c.title, '', '', '{}') @@ ${params.add(asked.title, 'tsquery')} then 2 else 0 end
        + case when c.object = 'party' then 1 else 0 end)::int as rank,
       false as phone
     from (select *, perigon_fold(title) as folded from (${found.join(' union ')}) f) c order by rank desc, c.at desc, c.record_id limit ${limit * 3}`,
    params.values,
  );
}

/** The records themselves, under the actor's rights, in the order found. */
async function verified(ctx: Context, found: readonly Candidate[], asked: Asked, limit: number): Promise<Hit[]> {
  const { words, phone, text } = asked;
  if (found.length === 0) return [];
  const byObject = new Map<string, string[]>();
  // Rows of an object that is not declared any more (a module that was taken away) lead nowhere.
  for (const { object, id } of found) if (ctx.model.objects.has(object)) byObject.set(object, [...(byObject.get(object) ?? []), id]);
  if (byObject.size === 0) return [];
  const params = new Params();
  const selects = [...byObject].map(([key, ids]) => {
    const object = ctx.model.object(key);
    const hides = object.declared.some((field) => field.search && !mayReadField(ctx.actor, object, field));
    const parts = searchParts(object, 't', (field) => mayReadField(ctx.actor, object, field));
    const still = hides
      ? `perigon_lexemes(coalesce(${parts.title}, ''), ${parts.words}, ${parts.phones}, '{}') @@ ${params.add(text, 'tsquery')}`
      : null;
    const where = and([
      `t.id = any(${params.add(ids, 'uuid[]')})`,
      't.deleted_at is null',
      scopeCondition(ctx.model, ctx.actor, object, 'read', 't', params),
      still,
    ]);
    return `select t.id, '${key}' as object, ${parts.title} as title, ${parts.subtitle} as subtitle from ${object.table} t where ${where}`;
  });
  const rows = await ctx.db.lists<{ id: string; object: string; title: string | null; subtitle: string | null }>(
    selects.join(' union all '),
    params.values,
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const hits: Hit[] = [];
  for (const { id } of found) {
    const row = byId.get(id);
    if (!row || hits.length >= limit) continue;
    const parts = partsOf(row.title ?? '');
    const inTitle = words.length > 0 && words.every((word) => parts.some((part) => part.startsWith(word)));
    hits.push({
      object: row.object,
      id,
      title: row.title ?? '',
      subtitle: row.subtitle,
      match: inTitle ? 'title' : phone ? 'phone' : 'words',
    });
  }
  return hits;
}
