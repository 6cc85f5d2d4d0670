import { date, longText, reference, select } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** A typed tie between two parties, readable from both ends: employment, household, referral, partner, supplier. */
export const relationship = defineObject({
  key: 'relationship',
  plural: 'relationships',
  icon: 'link',
  title: 'type',
  party: 'from',
  personal: true,
  fields: {
    from: reference({ to: 'party', required: true, inverse: 'relationships' }),
    to: reference({ to: 'party', required: true, inverse: 'relatedFrom' }),
    type: select(['employedBy', 'reportsTo', 'memberOf', 'spouseOf', 'referredBy', 'partnerOf', 'supplierOf', 'advises'], {
      required: true,
    }),
    since: date(),
    until: date(),
    comment: longText({ max: 2000 }),
  },
  relation: { from: 'from', to: 'to', type: 'type' },
  list: { columns: ['from', 'type', 'to', 'since', 'until'], sort: ['-createdAt'] },
  form: [{ key: 'main', fields: ['from', 'type', 'to', 'since', 'until', 'comment'] }],
  quiet: true,
  unsearchable: true,
});
