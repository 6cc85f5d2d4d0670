import { date, money, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { LENGTHS } from './period.ts';

/** What somebody is to win in a period. */
export const quota = defineObject({
  key: 'quota',
  plural: 'quotas',
  icon: 'coin',
  title: 'start',
  owner: 'owner',
  fields: {
    user: user({ inverse: 'quotas' }),
    team: reference({ to: 'team', inverse: 'quotas' }),
    start: date({ required: true }),
    every: select([...LENGTHS], { required: true, default: 'quarter' }),
    amount: money({ required: true, rateOn: 'start' }),
    // Whose it is for the rights: the user's own, of a team its setter's.
    owner: user(),
    subject: text({ readOnly: true, max: 60 }),
  },
  uniqueTogether: [['subject', 'start', 'every']],
  indexes: [['start']],
  list: { columns: ['start', 'every', 'user', 'team', 'amount'], sort: ['-start'] },
  form: [{ key: 'main', fields: ['user', 'team', 'start', 'every', 'amount'] }],
  quiet: true,
  unsearchable: true,
});
