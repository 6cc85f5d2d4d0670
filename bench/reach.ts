import type { Bench } from './bench.ts';
import type { Row } from './rows.ts';

/** Somebody who reaches few of many: their own, the team's, two territories, and single records that were shared. */
const EMAIL = 'reach@perigon.example';
const OWNED = 400;
const IN_TERRITORIES = 2_000;
const SHARED = 200;

async function narrowKey(bench: Bench): Promise<string> {
  const good = async (path: string, body: unknown): Promise<string> => {
    const { status, text } = await bench.ask('POST', path, body);
    if (status >= 300) throw new Error(text);
    return (JSON.parse(text) as { id: string }).id;
  };
  const { rows: held } = await bench.floor.query('select 1 from users where email = $1 and deleted_at is null', [EMAIL]);
  if (held.length === 0) {
    const rights = { objects: { party: { read: 'territory' }, opportunity: { read: 'territory' } } };
    const role = await good('/api/v1/roles', { name: 'Reach', key: 'benchReach', rights });
    const team = await good('/api/v1/teams', { name: 'Reach' });
    const user = await good('/api/v1/users', { name: 'Reach', email: EMAIL, team, roles: [{ id: role }] });
    const mate = await good('/api/v1/users', { name: 'Reach mate', team });
    const lands = [];
    for (const name of ['Reach east', 'Reach west']) lands.push(await good('/api/v1/territories', { name, members: [{ id: user }] }));
    const some = (n: number, skip: number) =>
      `select id from parties where deleted_at is null order by md5(id::text) offset ${skip} limit ${n}`;
    await bench.floor.query(
      `update parties set owner_id = case when get_byte(uuid_send(id), 15) % 2 = 0 then $1::uuid else $2::uuid end where id in (${some(OWNED, 0)})`,
      [user, mate],
    );
    await bench.floor.query(
      `update parties set territory_pinned = true, territory_id = case when get_byte(uuid_send(id), 15) % 2 = 0 then $1::uuid else $2::uuid end where id in (${some(IN_TERRITORIES, OWNED)})`,
      lands,
    );
    await bench.floor.query(
      `insert into shares (id, object, record, user_id, level) select gen_random_uuid(), 'party', id, $1::uuid, 'read' from (${some(SHARED, OWNED + IN_TERRITORIES)}) x`,
      [user],
    );
    await bench.floor.query('analyze parties; analyze shares; analyze users');
  }
  return bench.perigon('key', 'create', '--email', EMAIL);
}

const row = (name: string, path: string): Row => ({
  name,
  goal: 'own, team, two territories, shared',
  prepare: async (bench) => {
    const key = await narrowKey(bench);
    return () => ({ path, key });
  },
});

/** What somebody with a narrow reach waits for. */
export const reachRows: readonly Row[] = [
  row('reach, first page', '/api/v1/parties?limit=60&sort=name&fields=name,city,owner'),
  row('reach, counted', '/api/v1/parties?limit=1&sort=name&fields=name&count=true'),
  row('reach, newest', '/api/v1/parties?limit=60&sort=-createdAt&fields=name,createdAt'),
  row('reach, what is about them', '/api/v1/opportunities?limit=60&fields=name,customer'),
  row('reach, search', '/api/v1/search?q=ma&limit=20'),
];
