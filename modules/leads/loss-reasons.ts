import type { Context } from '#engine/record/context.ts';
import type { Fill } from '#engine/record/fills.ts';
import { namesIn, type SetUpNames } from '#engine/record/set-up-names.ts';
import { write } from '#engine/record/write.ts';

const KEYS = ['budget', 'unreachable', 'fit', 'competitor', 'duplicate', 'spam'] as const;
type Key = (typeof KEYS)[number];

const NAMES: SetUpNames<Key> = {
  en: {
    budget: 'No budget',
    unreachable: 'Not reachable',
    fit: 'No fit',
    competitor: 'Competitor chosen',
    duplicate: 'Duplicate',
    spam: 'Spam',
  },
  de: {
    budget: 'Kein Budget',
    unreachable: 'Nicht erreichbar',
    fit: 'Passt nicht',
    competitor: 'Mitbewerber gewählt',
    duplicate: 'Doppelt',
    spam: 'Spam',
  },
  ar: {
    budget: 'لا ميزانية',
    unreachable: 'تعذّر الوصول',
    fit: 'غير مناسب',
    competitor: 'اختار منافسًا',
    duplicate: 'مكرّر',
    spam: 'بريد مزعج',
  },
};

/** What a new company can say of leads that come to nothing. */
export async function installLossReasons(ctx: Context, language: string): Promise<void> {
  const names = namesIn(NAMES, language);
  await write(
    ctx,
    ctx.model.object('closeReason'),
    KEYS.map((key, i) => ({ op: 'create', values: { name: names[key], outcome: 'lead', position: i + 1 } })),
  );
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The same for companies that were there before leads were: once, and only where nobody has said reasons of their own. */
export const lossReasonFill: Fill = {
  key: 'lead.lossReasons',
  table: 'pipelines',
  sql: `insert into close_reasons (id, name, outcome, position)
    select gen_random_uuid(), coalesce(s.name, f.name), 'lead', f.position
    from (values ${rows('en')}) f (key, name, position)
    left join (values ${['de', 'ar'].map((language) => spokenRows(language)).join(', ')}) s (language, key, name)
      on s.key = f.key and s.language = (select split_part(value #>> '{}', '-', 1) from settings where key = 'language')
    where cardinality($1::uuid[]) > 0 and not exists (select from close_reasons where outcome = 'lead')`,
};

function rows(language: string): string {
  return KEYS.map((key, i) => `(${quoted(key)}, ${quoted(namesIn(NAMES, language)[key])}, ${i + 1})`).join(', ');
}

function spokenRows(language: string): string {
  return KEYS.map((key) => `(${quoted(language)}, ${quoted(key)}, ${quoted(namesIn(NAMES, language)[key])})`).join(', ');
}
