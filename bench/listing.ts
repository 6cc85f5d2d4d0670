import { batched, turnsOf } from './asking.ts';
import type { Row } from './rows.ts';

const LINES = 10;

/** Ten product lines of a deal are saved, and the deal is worth their sum. */
export const listingRow: Row = {
  name: 'ten product lines',
  floor: 'deal-lines',
  prepare: async (bench) => {
    const { rows: products } = await bench.floor.query<{ id: string }>(
      'select id from products where deleted_at is null order by id limit 10',
    );
    const { rows: people } = await bench.floor.query<{ id: string }>(`select id from users where email = 'bench@perigon.example'`);
    const run = Date.now().toString(36);
    // Each gets its lines once: one by the product and one by the floor, each turn.
    const deals = await batched(
      bench,
      'opportunities',
      Array.from({ length: 2 * turnsOf(bench) }, (_, i) => ({ op: 'create', values: { name: `Bench ${run} ${i}`, owner: people[0]?.id } })),
    );
    const lines = (opportunity: string | undefined) =>
      Array.from({ length: LINES }, (_, n) => ({
        opportunity,
        product: products[n % products.length]?.id,
        name: `Line ${n}`,
        quantity: String(n + 1),
        unitPrice: { amount: '19.99', currency: 'EUR' },
        discount: n / 100,
        position: n + 1,
      }));
    return (i) => ({
      method: 'POST',
      path: '/api/v1/dealLines/batch',
      body: { operations: lines(deals[2 * i]).map((values) => ({ op: 'create', values })) },
      values: [deals[2 * i + 1], people[0]?.id, JSON.stringify(lines(deals[2 * i + 1]))],
    });
  },
};
