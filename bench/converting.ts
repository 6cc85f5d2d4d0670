import { batched, benchUser, turnsOf } from './asking.ts';
import type { Row } from './rows.ts';

/** A lead becomes a deal of its customer, which is what a seller waits for at the end of a call. */
export const convertingRow: Row = {
  name: 'lead to a deal',
  floor: 'convert-lead',
  prepare: async (bench) => {
    const user = await benchUser(bench);
    const customers = (await bench.floor.query<{ id: string }>('select id from parties where deleted_at is null order by id limit 200'))
      .rows;
    const [product] = (await bench.floor.query<{ id: string }>('select id from products where deleted_at is null order by id limit 1'))
      .rows;
    const run = Date.now().toString(36);
    // Each is converted once: one for the product and one for the floor, each turn.
    const leads = await batched(
      bench,
      'leads',
      Array.from({ length: 2 * turnsOf(bench) }, (_, i) => ({
        op: 'create',
        values: {
          name: `Bench ${run} ${i}`,
          party: customers[i % customers.length]?.id,
          source: 'web',
          product: product?.id,
          owner: user,
          need: 'A machine that does the work of three.',
          timeframe: 'quarter',
          budget: { amount: String(1000 + i), currency: 'EUR' },
        },
      })),
    );
    return (i) => ({
      method: 'POST',
      path: '/api/v1/actions/convertLead',
      body: { ids: [leads[2 * i]] },
      values: [leads[2 * i + 1], user],
    });
  },
};
