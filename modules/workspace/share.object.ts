import { dateTime, longText, recordId, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** One record given to a colleague or a team, to read or to write, until a day or until it is taken back. Who gave it and when, every record knows of itself. */
export const share = defineObject({
  key: 'share',
  plural: 'shares',
  icon: 'user-share',
  title: 'object',
  about: { object: 'object', record: 'record', until: 'until' },
  fields: {
    object: text({ required: true, max: 60 }),
    record: recordId({ required: true }),
    user: user(),
    team: reference({ to: 'team' }),
    level: select(['read', 'write'], { required: true, default: 'read' }),
    until: dateTime(),
    reason: longText({ max: 500 }),
  },
  list: { columns: ['object', 'user', 'team', 'level', 'until', 'createdBy'], sort: ['-createdAt'] },
  form: [{ key: 'main', fields: ['user', 'team', 'level', 'until', 'reason'] }],
  quiet: true,
  unsearchable: true,
  sealed: true,
});
