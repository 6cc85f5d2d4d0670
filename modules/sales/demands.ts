import type { Predicate } from '#engine/declare/condition.ts';
import type { Context } from '#engine/record/context.ts';
import type { SetUpNames } from '#engine/record/set-up-names.ts';
import { type Demand, installDemands } from '#modules/workspace/index.ts';

type Key = 'amount' | 'closeDate' | 'notOverdue';

const OPEN: Predicate = { field: 'stage.category', op: 'eq', value: 'open' };

const DEMANDS: readonly Demand<Key>[] = [
  { key: 'amount', dimension: 'completeness', applies: OPEN, good: { field: 'amount', op: 'isNotEmpty' }, weight: 2 },
  { key: 'closeDate', dimension: 'completeness', applies: OPEN, good: { field: 'closeDate', op: 'isNotEmpty' } },
  {
    key: 'notOverdue',
    dimension: 'validity',
    applies: { all: [OPEN, { field: 'closeDate', op: 'isNotEmpty' }] },
    good: { field: 'closeDate', op: 'gte', value: 'today' },
    weight: 2,
  },
];

const NAMES: SetUpNames<Key> = {
  en: {
    amount: 'An open deal has an amount',
    closeDate: 'An open deal has a close date',
    notOverdue: 'The close date of an open deal lies ahead',
  },
  de: {
    amount: 'Eine offene Chance hat einen Betrag',
    closeDate: 'Eine offene Chance hat einen Abschlusstermin',
    notOverdue: 'Der Abschlusstermin einer offenen Chance liegt voraus',
  },
  ar: {
    amount: 'للصفقة المفتوحة مبلغ',
    closeDate: 'للصفقة المفتوحة موعد إغلاق',
    notOverdue: 'موعد إغلاق الصفقة المفتوحة لم يمضِ بعد',
  },
};

/** What a new company demands of the records of its deals. */
export const installDealDemands = (ctx: Context, language: string): Promise<void> =>
  installDemands(ctx, language, 'opportunity', NAMES, DEMANDS);
