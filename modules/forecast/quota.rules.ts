import type { Rules } from '#engine/record/context.ts';
import { placeSubject } from './subject.ts';

/** A quota is of a user or of a team. */
export const quotaRules: Rules = {
  object: 'quota',
  before({ items }) {
    for (const item of items) if (item.op === 'create' || item.op === 'update') placeSubject(item);
  },
};
