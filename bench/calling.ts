import { deepStrictEqual } from 'node:assert';
import { benchUser, good } from './asking.ts';
import type { Row } from './rows.ts';

const NAME = 'Bench calls';

/** Who is called next, of a list of many customers: each turn passes the one before by, as a caller does who skips. */
export const callingRow: Row = {
  name: 'call list, the next',
  goal: 'of a list of up to 20,000',
  floor: 'call-next',
  // Each turn goes on, so that they stand at different customers: what is told of each is the same.
  same: (product, least) => deepStrictEqual(Object.keys(least).sort(), Object.keys(product).sort()),

  prepare: async (bench) => {
    const user = await benchUser(bench);
    const { rows: held } = await bench.floor.query<{ id: string }>('select id from call_lists where name = $1 and deleted_at is null', [
      NAME,
    ]);
    const list = held[0]?.id ?? (await made());
    async function made(): Promise<string> {
      const { id } = await good<{ id: string }>(bench, 'POST', '/api/v1/callLists', { name: NAME, script: 'Good morning.' });
      // The door takes twenty thousand at once: of a larger base a part, as somebody would choose it.
      const { rows: last } = await bench.floor.query<{ id: string }>(
        'select id from parties where deleted_at is null order by id offset 19999 limit 1',
      );
      const where = last[0] ? { field: 'id', op: 'lte', value: last[0].id } : undefined;
      await good(bench, 'POST', `/api/v1/calls/${id}/fill`, { where });
      await bench.floor.query('analyze call_list_entries');
      return id;
    }
    // Two callers at one list would wait for each other's holds; the floor passes by its own.
    let mine: string | null = null;
    return async () => {
      const { rows } = await bench.floor.query<{ entry: string }>('select entry from call_holds where user_id = $1', [user]);
      mine = rows[0]?.entry ?? null;
      return { method: 'POST', path: `/api/v1/calls/${list}/next`, body: { after: mine }, values: [list, user, mine] };
    };
  },
};
