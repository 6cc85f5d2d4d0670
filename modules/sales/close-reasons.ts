import type { RuleBatch, RuleItem } from '#engine/record/context.ts';
import type { SetUpNames } from '#engine/record/set-up-names.ts';
import type { Stage } from './stages.ts';

/** A reason speaks of the end that a deal came to, and goes when it is open again. */
export async function keepReasons({ tx }: RuleBatch, items: readonly RuleItem[], stages: ReadonlyMap<string, Stage>): Promise<void> {
  for (const item of items)
    if (item.changes('stage') && stages.get(String(item.get('stage')))?.category === 'open')
      for (const key of ['closeReason', 'lostTo']) if (item.get(key) && !item.changes(key)) item.set(key, null);
  const given = items.filter((item) => item.get('closeReason') && (item.changes('closeReason') || item.changes('stage')));
  if (given.length === 0) return;
  const rows = await tx.query<{ id: string; outcome: string }>('select r.id, r.outcome from close_reasons r where r.id = any($1::uuid[])', [
    [...new Set(given.map((item) => item.get('closeReason')))],
  ]);
  const outcomes = new Map(rows.map(({ id, outcome }) => [id, outcome]));
  for (const item of given) {
    const outcome = outcomes.get(String(item.get('closeReason')));
    const category = stages.get(String(item.get('stage')))?.category;
    if (outcome === undefined || category === undefined || outcome === category) continue;
    if (item.changes('closeReason')) item.refuse('closeReason', 'otherOutcome', 'This reason is not one for how the deal ended.');
    // It was won after all, or lost: why is to be said anew.
    else item.set('closeReason', null);
  }
}

type Key = 'price' | 'product' | 'timing' | 'noDecision' | 'relationship' | 'competitor' | 'fit' | 'trust' | 'value';

export const CLOSE_REASONS: readonly { key: Key; outcome: 'won' | 'lost' }[] = [
  { key: 'fit', outcome: 'won' },
  { key: 'trust', outcome: 'won' },
  { key: 'value', outcome: 'won' },
  { key: 'price', outcome: 'lost' },
  { key: 'product', outcome: 'lost' },
  { key: 'timing', outcome: 'lost' },
  { key: 'noDecision', outcome: 'lost' },
  { key: 'relationship', outcome: 'lost' },
  { key: 'competitor', outcome: 'lost' },
];

export const REASON_NAMES: SetUpNames<Key> = {
  en: {
    fit: 'Best fit',
    trust: 'Trust in us',
    value: 'Best value',
    price: 'Price',
    product: 'Product lacks something',
    timing: 'Wrong time',
    noDecision: 'No decision',
    relationship: 'Relationship',
    competitor: 'Competitor was better',
  },
  de: {
    fit: 'Passt am besten',
    trust: 'Vertrauen in uns',
    value: 'Preis und Leistung',
    price: 'Preis',
    product: 'Produkt fehlt etwas',
    timing: 'Falscher Zeitpunkt',
    noDecision: 'Keine Entscheidung',
    relationship: 'Beziehung',
    competitor: 'Mitbewerber war besser',
  },
  ar: {
    fit: 'الأنسب',
    trust: 'الثقة بنا',
    value: 'أفضل قيمة',
    price: 'السعر',
    product: 'نقص في المنتج',
    timing: 'توقيت غير مناسب',
    noDecision: 'لا قرار',
    relationship: 'العلاقة',
    competitor: 'المنافس أفضل',
  },
};
