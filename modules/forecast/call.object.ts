import { date, dateTime, longText, money, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { LENGTHS } from './period.ts';

/**
 * What somebody says will be won in a period, whatever the deals say: their own word (`submitted`), or that of whoever leads them
 * (`override`). Both are kept beside each other; of a team there is only an override.
 */
export const forecastCall = defineObject({
  key: 'forecastCall',
  plural: 'forecastCalls',
  icon: 'messages',
  title: 'start',
  owner: 'owner',
  fields: {
    user: user({ inverse: 'forecastCalls' }),
    team: reference({ to: 'team', inverse: 'forecastCalls' }),
    start: date({ required: true }),
    every: select([...LENGTHS], { required: true, default: 'quarter' }),
    kind: select(['submitted', 'override'], { readOnly: true }),
    amount: money({ required: true, rateOn: 'start' }),
    note: longText({ max: 2000 }),
    saidBy: user({ readOnly: true }),
    saidAt: dateTime({ readOnly: true }),
    // Whose it is for the rights: the user's own, of a team its speaker's.
    owner: user(),
    subject: text({ readOnly: true, max: 60 }),
  },
  uniqueTogether: [['subject', 'start', 'every', 'kind']],
  indexes: [['start']],
  list: { columns: ['start', 'every', 'user', 'team', 'kind', 'amount', 'note', 'saidBy', 'saidAt'], sort: ['-start'] },
  form: [{ key: 'main', fields: ['user', 'team', 'start', 'every', 'amount', 'note'] }],
  quiet: true,
  unsearchable: true,
});
