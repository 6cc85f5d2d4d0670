import type { Db, Tx } from '#engine/store/db.ts';
import { slips } from '#kit/similarity.ts';

/**
 * The words that stand in records anywhere, each once, so that a word typed with a slip finds those it may have been meant
 * for. Only names of words are kept here: what a search finds by them is found in the index under the reader's rights. A word
 * whose last record is gone stays until the table is made anew; it then finds nothing.
 */

/** Which lexemes are words: letters only. Slips in numbers and codes are not guessed at. */
const isWord = (lexeme: string): string => `${lexeme} ~ '^[[:alpha:]]{4,40}$'`;

/** Learns the words of some records from their search rows. */
export async function learnWords(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `insert into search_words (word)
     select distinct w.word collate "C" from search s cross join lateral unnest(tsvector_to_array(s.lexemes)) w (word)
     where s.record_id = any($1::uuid[]) and ${isWord('w.word')}
       and not exists (select 1 from search_words k where k.word = w.word collate "C")
     on conflict do nothing`,
    [ids],
  );
}

/** Learns the words of a base whose search rows were there before its words were kept; once. */
export async function learnAllWordsOnce(db: Db): Promise<void> {
  const [done] = await db.query(`select 1 as ok from settings where key = 'searchWords'`);
  if (done) return;
  await learnAllWords(db);
  await db.query(`insert into settings (key, value) values ('searchWords', 'true') on conflict do nothing`);
}

/** Learns all words that stand in search rows now. */
export async function learnAllWords(db: Db): Promise<void> {
  // Read first, written in pieces after: the reading may take a minute, and a transaction that writes must not.
  const words = (await db.query<{ word: string }>(`select word from ts_stat('select lexemes from search') where ${isWord('word')}`)).map(
    (row) => row.word,
  );
  for (let at = 0; at < words.length; at += 5000)
    await db.query('insert into search_words (word) select w from unnest($1::text[]) w on conflict do nothing', [
      words.slice(at, at + 5000),
    ]);
  if (words.length > 0) await db.query('analyze search_words');
}

/** Forgets the words that stand in no record any more: what must leave no trace, leaves none here. */
export async function forgetWords(db: Db): Promise<void> {
  let after = '';
  for (;;) {
    const words = (
      await db.query<{ word: string }>('select word from search_words where word > $1::text order by word limit 2000', [after])
    ).map((row) => row.word);
    if (words.length === 0) return;
    await db.query(
      `delete from search_words w where w.word = any($1::text[]) and not exists (select 1 from search s where s.lexemes @@ quote_literal(w.word)::tsquery)`,
      [words],
    );
    after = words.at(-1) ?? after;
  }
}

/** How many slips a word of some length forgives; as search engines commonly do: none in the shortest, two in long ones. */
export const forgiven = (length: number): number => (length < 4 ? 0 : length < 8 ? 1 : 2);

/** Words looked at and words tried for each one typed. */
const LOOKED_AT = 200;
const TRIED = 8;

export interface NearWord {
  word: string;
  slips: number;
}

/**
 * For every word typed, known words that differ from it by no more slips than its length forgives, nearest first. Somebody
 * may still be typing, so a known word that goes on where the typed one ends counts as well.
 */
export async function nearWords(db: Db, typed: readonly string[]): Promise<Map<string, NearWord[]>> {
  const asked = [...new Set(typed)].filter((word) => forgiven(Array.from(word).length) > 0 && /^\p{L}+$/u.test(word));
  const near = new Map<string, NearWord[]>();
  if (asked.length === 0) return near;
  const rows = await db.lists<{ typed: string; word: string }>(
    `select q.word as typed, n.word from unnest($1::text[]) q (word)
     cross join lateral (
       select w.word from search_words w where w.word % q.word and w.word <> q.word collate "C" order by similarity(w.word, q.word) desc limit ${LOOKED_AT}) n`,
    [asked],
  );
  for (const { typed: word, word: known } of rows) {
    const most = forgiven(Array.from(word).length);
    const apart = Math.min(slips(word, known, most), beginningSlips(word, known, most));
    if (!Number.isFinite(apart) || known.startsWith(word)) continue;
    near.set(word, [...(near.get(word) ?? []), { word: known, slips: apart }]);
  }
  for (const [word, list] of near) near.set(word, list.sort((a, b) => a.slips - b.slips).slice(0, TRIED));
  return near;
}

/** Slips between a word still being typed and the beginning of a longer one; half a slip more than a whole word. */
function beginningSlips(typed: string, known: string, most: number): number {
  const letters = Array.from(known);
  const length = Array.from(typed).length;
  if (length < 5 || letters.length <= length) return Number.POSITIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  for (let cut = length - 1; cut <= length + 1; cut++) least = Math.min(least, slips(typed, letters.slice(0, cut).join(''), most));
  return least + 0.5;
}
