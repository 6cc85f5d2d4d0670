import type { Predicate } from '#engine/declare/condition.ts';
import type { Context } from '#engine/record/context.ts';
import type { Fill } from '#engine/record/fills.ts';
import { namesIn, type SetUpNames } from '#engine/record/set-up-names.ts';
import { write } from '#engine/record/write.ts';

type Key =
  | 'decides'
  | 'influences'
  | 'now'
  | 'quarter'
  | 'budget'
  | 'need'
  | 'recommended'
  | 'customer'
  | 'suspect'
  | 'wrote'
  | 'met'
  | 'reached'
  | 'looked'
  | 'bought'
  | 'notReached';

const is = (field: string, ...value: string[]): Predicate => ({ field, op: 'in', value });
const known = (field: string): Predicate => ({ field, op: 'isNotEmpty' });

interface Start {
  key: Key;
  condition: Predicate;
  points: number;
  /** Of engagement. */
  most?: number;
  halfLifeDays?: number;
}

/** The rules that a new company starts with; theirs to change. */
const FIT: readonly Start[] = [
  { key: 'decides', condition: is('decisionMaker', 'decides'), points: 15 },
  { key: 'influences', condition: is('decisionMaker', 'influences'), points: 5 },
  { key: 'now', condition: is('timeframe', 'now'), points: 20 },
  { key: 'quarter', condition: is('timeframe', 'quarter'), points: 10 },
  { key: 'budget', condition: known('budget'), points: 15 },
  { key: 'need', condition: known('need'), points: 10 },
  { key: 'recommended', condition: is('source', 'referral', 'partner'), points: 10 },
  { key: 'customer', condition: { field: 'party.lifetimeRevenue', op: 'gt', value: 0 }, points: 10 },
  { key: 'suspect', condition: { field: 'suspect', op: 'eq', value: true }, points: -50 },
];

const ENGAGEMENT: readonly Start[] = [
  {
    key: 'wrote',
    condition: { all: [is('direction', 'inbound'), is('kind', 'message', 'call')] },
    points: 10,
    most: 3,
    halfLifeDays: 14,
  },
  { key: 'met', condition: is('kind', 'meeting', 'visit'), points: 20, most: 2, halfLifeDays: 21 },
  {
    key: 'reached',
    condition: { all: [is('direction', 'outbound'), is('kind', 'call'), is('outcome', 'answered', 'followUp', 'resolved')] },
    points: 5,
    most: 3,
    halfLifeDays: 14,
  },
  { key: 'looked', condition: is('kind', 'pageView'), points: 2, most: 10, halfLifeDays: 7 },
  { key: 'bought', condition: is('kind', 'purchase'), points: 10, most: 2, halfLifeDays: 30 },
  {
    key: 'notReached',
    condition: { all: [is('direction', 'outbound'), is('outcome', 'noAnswer')] },
    points: -3,
    most: 3,
    halfLifeDays: 14,
  },
];

const NAMES: SetUpNames<Key> = {
  en: {
    decides: 'Decides about it',
    influences: 'Has influence on it',
    now: 'Wants it now',
    quarter: 'Wants it this quarter',
    budget: 'Has a budget',
    need: 'Says what is needed',
    recommended: 'Came by recommendation',
    customer: 'Has bought before',
    suspect: 'May be spam',
    wrote: 'Wrote or called',
    met: 'Met us',
    reached: 'Could be reached by phone',
    looked: 'Looked at our pages',
    bought: 'Bought something',
    notReached: 'Did not answer the phone',
  },
  de: {
    decides: 'Entscheidet darüber',
    influences: 'Hat Einfluss darauf',
    now: 'Will es jetzt',
    quarter: 'Will es in diesem Quartal',
    budget: 'Hat ein Budget',
    need: 'Sagt, was gebraucht wird',
    recommended: 'Kam auf Empfehlung',
    customer: 'Hat schon gekauft',
    suspect: 'Vielleicht Spam',
    wrote: 'Hat geschrieben oder angerufen',
    met: 'Hat uns getroffen',
    reached: 'War am Telefon zu erreichen',
    looked: 'Hat unsere Seiten angesehen',
    bought: 'Hat etwas gekauft',
    notReached: 'Ging nicht ans Telefon',
  },
  ar: {
    decides: 'صاحب القرار',
    influences: 'له تأثير في القرار',
    now: 'يريده الآن',
    quarter: 'يريده هذا الربع',
    budget: 'لديه ميزانية',
    need: 'أوضح حاجته',
    recommended: 'جاء بتوصية',
    customer: 'اشترى من قبل',
    suspect: 'قد يكون بريدًا مزعجًا',
    wrote: 'راسلنا أو اتصل',
    met: 'التقى بنا',
    reached: 'أمكن الوصول إليه هاتفيًا',
    looked: 'تصفّح صفحاتنا',
    bought: 'اشترى شيئًا',
    notReached: 'لم يردّ على الهاتف',
  },
};

/** Writes the rules that a new company starts with, named in its language. */
export async function installScoreRules(ctx: Context, language: string): Promise<void> {
  const names = namesIn(NAMES, language);
  const op = (kind: 'fit' | 'engagement') => (start: Start) => {
    const { key, ...values } = start;
    return { op: 'create' as const, values: { ...values, kind, name: names[key] } };
  };
  await write(ctx, ctx.model.object('scoreRule'), [...FIT.map(op('fit')), ...ENGAGEMENT.map(op('engagement'))]);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function rowOf({ key, condition, points, most, halfLifeDays }: Start, kind: string): string {
  const names = Object.entries(NAMES).map(([language, spoken]) => `when ${quoted(language)} then ${quoted(spoken?.[key] ?? '')}`);
  const name = `case l.language ${names.join(' ')} else ${quoted(NAMES.en[key])} end`;
  return `select ${name}, '${kind}', ${quoted(JSON.stringify(condition))}::jsonb, ${points}, ${most ?? 5}, ${halfLifeDays ?? 14} from l`;
}

/** The same for companies that were there before leads were: once, and only where nobody has made rules of their own. */
export const scoreRuleFill: Fill = {
  key: 'lead.scoreRules',
  table: 'pipelines',
  sql: `insert into score_rules (id, name, kind, condition, points, most, half_life_days, active)
    with l as (select split_part(value #>> '{}', '-', 1) as language from settings where key = 'language')
    select gen_random_uuid(), x.*, true from (${[...FIT.map((one) => rowOf(one, 'fit')), ...ENGAGEMENT.map((one) => rowOf(one, 'engagement'))].join(' union all ')}) x
    where cardinality($1::uuid[]) > 0 and not exists (select from score_rules)`,
};
