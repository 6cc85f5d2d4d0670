import type { Context } from '#engine/record/context.ts';
import type { SetUpNames } from '#engine/record/set-up-names.ts';
import { type Demand, installDemands } from '#modules/workspace/index.ts';

type Key = 'reachable' | 'owned' | 'placed' | 'industry' | 'inTouch';

const DEMANDS: readonly Demand<Key>[] = [
  {
    key: 'reachable',
    dimension: 'completeness',
    good: {
      any: [
        { field: 'emails', op: 'isNotEmpty' },
        { field: 'phones', op: 'isNotEmpty' },
      ],
    },
    weight: 3,
  },
  { key: 'owned', dimension: 'completeness', good: { field: 'owner', op: 'isNotEmpty' }, weight: 2 },
  { key: 'placed', dimension: 'completeness', good: { field: 'country', op: 'isNotEmpty' } },
  {
    key: 'industry',
    dimension: 'completeness',
    applies: { field: 'kind', op: 'eq', value: 'organisation' },
    good: { field: 'industry', op: 'isNotEmpty' },
  },
  {
    key: 'inTouch',
    dimension: 'freshness',
    applies: { field: 'lastOrderOn', op: 'isNotEmpty' },
    good: { field: 'lastContactAt', op: 'gte', value: { years: -1 } },
  },
];

const NAMES: SetUpNames<Key> = {
  en: {
    reachable: 'An e-mail address or a telephone number',
    owned: 'Somebody looks after them',
    placed: 'The country is known',
    industry: 'The industry of an organisation is known',
    inTouch: 'Who has bought was in touch within a year',
  },
  de: {
    reachable: 'E-Mail-Adresse oder Telefonnummer',
    owned: 'Jemand ist zuständig',
    placed: 'Das Land ist bekannt',
    industry: 'Die Branche einer Organisation ist bekannt',
    inTouch: 'Wer gekauft hat, hatte binnen eines Jahres Kontakt',
  },
  ar: {
    reachable: 'عنوان بريد إلكتروني أو رقم هاتف',
    owned: 'هناك من يتولّى أمره',
    placed: 'البلد معروف',
    industry: 'قطاع المؤسسة معروف',
    inTouch: 'من اشترى جرى التواصل معه خلال سنة',
  },
};

/** What a new company demands of its customers' records. */
export const installPartyDemands = (ctx: Context, language: string): Promise<void> =>
  installDemands(ctx, language, 'party', NAMES, DEMANDS);
