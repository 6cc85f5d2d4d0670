import type { Perigon } from 'perigon/module';

/** A loyalty card for every customer: points, a level that follows from them, and redeeming at the till. */
export default (perigon: Perigon) => {
  const { autoNumber, date, integer, reference, select } = perigon.fields;

  const loyaltyCard = perigon.defineObject({
    key: 'loyaltyCard',
    plural: 'loyaltyCards',
    icon: 'credit-card',
    title: 'number',
    subtitle: 'level',
    party: 'customer',
    fields: {
      number: autoNumber({ pattern: 'LC-{00000}', search: 'words' }),
      customer: reference({ to: 'party', required: true, inverse: 'loyaltyCards' }),
      points: integer({ required: true, default: 0, min: 0, index: true }),
      level: select(['bronze', { key: 'silver', color: '3' }, { key: 'gold', color: '4' }], { readOnly: true }),
      since: date(),
    },
    list: { columns: ['number', 'customer', 'points', 'level', 'since'], sort: ['-points'] },
    form: [{ key: 'main', fields: ['customer', 'points', 'since'], columns: 2, wide: ['customer'] }],
    overview: { section: { key: 'loyaltyCards', columns: ['number', 'points', 'level'], sort: ['-points'] } },
    timeline: { at: 'createdAt', title: 'number', kind: 'level' },
  });

  const rules = perigon.defineRules({
    object: 'loyaltyCard',
    before({ items }) {
      for (const item of items) {
        if (item.op === 'delete' || !item.changes('points')) continue;
        const points = Number(item.get('points') ?? 0);
        item.set('level', points >= 1000 ? 'gold' : points >= 250 ? 'silver' : 'bronze');
      }
    },
  });

  const redeemPoints = perigon.defineAction({
    key: 'redeemPoints',
    object: 'loyaltyCard',
    verb: 'update',
    input: { points: integer({ required: true, min: 1 }) },
  });
  const runRedeemPoints = perigon.runAction(redeemPoints, async (ctx, input, ids) => {
    const wanted = input.points;
    for (const id of ids) {
      const object = ctx.model.object('loyaltyCard');
      const { json, version } = await perigon.records.readOne(ctx, object, id, ['points']);
      const { points } = JSON.parse(json) as { points: number };
      if (points < wanted)
        throw perigon.errors.invalid('There are not enough points on the card.', [
          { path: 'points', code: 'range', detail: `The card holds ${points}.` },
        ]);
      // The version makes sure that no other till took points meanwhile.
      await perigon.records.writeOne(ctx, object, { op: 'update', id, version, values: { points: points - wanted } });
    }
    return { redeemed: wanted * ids.length };
  });

  return perigon.defineModule({
    key: 'loyalty',
    objects: [loyaltyCard],
    actions: [redeemPoints],
    rules: [rules],
    runs: [runRedeemPoints],
  });
};
