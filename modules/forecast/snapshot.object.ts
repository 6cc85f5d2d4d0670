import { boolean, date, integer, money, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { LENGTHS } from './period.ts';

/** By what a snapshot is cut. */
export const CUTS = ['whole', 'owner', 'product', 'territory'] as const;
export type Cut = (typeof CUTS)[number];

/**
 * What a forecast was on a day: sums of deals by month of their close date and by how sure one was of them, what was won until
 * then, what was said and what was expected from experience (`statistical`, what was still to come). One is kept each week;
 * the newest statistical one is kept beside them until the next.
 */
export const forecastSnapshot = defineObject({
  key: 'forecastSnapshot',
  plural: 'forecastSnapshots',
  icon: 'chart-bar',
  title: 'takenOn',
  owner: 'owner',
  fields: {
    takenOn: date({ required: true }),
    weekly: boolean({ default: true }),
    cut: select([...CUTS], { required: true }),
    kind: select(['won', 'commit', 'bestCase', 'pipeline', 'statistical', 'call'], { required: true }),
    start: date({ required: true }),
    every: select([...LENGTHS], { required: true }),
    owner: user(),
    team: reference({ to: 'team' }),
    product: reference({ to: 'product' }),
    territory: reference({ to: 'territory' }),
    amount: money(),
    weighted: money(),
    low: money(),
    high: money(),
    deals: integer(),
    key: text({ unique: true, max: 120 }),
  },
  indexes: [['takenOn']],
  list: {
    columns: ['takenOn', 'kind', 'start', 'every', 'owner', 'team', 'product', 'territory', 'amount', 'weighted'],
    sort: ['-takenOn'],
  },
  form: [
    {
      key: 'main',
      fields: ['takenOn', 'cut', 'kind', 'start', 'every', 'owner', 'team', 'product', 'territory', 'amount', 'weighted', 'deals'],
    },
  ],
  quiet: true,
  unsearchable: true,
  sealed: true,
  reckoned: true,
});
