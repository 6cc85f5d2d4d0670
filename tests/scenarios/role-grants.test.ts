import { afterEach, expect, it } from 'vitest';
import { openProduct } from '#apps/server/product.ts';
import type { Rights } from '#engine/access/actor.ts';
import type { Module } from '#engine/record/module.ts';
import { withGrants } from '#engine/record/role-grants.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** What objects that came later bring to the roles of a company that was set up before them. */
let inside: Inside;
afterEach(() => inside.stop());

/** The rights with which the first companies were set up. */
const OLD: Record<string, Rights> = {
  salesManager: {
    objects: {
      user: { read: 'all' },
      team: { read: 'all' },
      role: { read: 'all' },
      exchangeRate: { read: 'all' },
      pipeline: { read: 'all' },
      stage: { read: 'all' },
      product: { create: 'all', read: 'all', update: 'all' },
      party: { create: 'all', read: 'all', update: 'team', delete: 'team' },
      opportunity: { create: 'all', read: 'all', update: 'team', delete: 'team' },
      order: { create: 'all', read: 'all', update: 'team', delete: 'team' },
      subscription: { create: 'all', read: 'all', update: 'team', delete: 'team' },
      interaction: { create: 'all', read: 'all', update: 'team', delete: 'team' },
      note: { create: 'all', read: 'all', update: 'team', delete: 'team' },
      fact: { create: 'all', read: 'all', update: 'team', delete: 'team' },
      task: { create: 'all', read: 'all', update: 'team', delete: 'team' },
      relationship: { create: 'all', read: 'all', update: 'team', delete: 'team' },
      stageChange: { read: 'all' },
      invoice: { read: 'all' },
      payment: { read: 'all' },
      case: { create: 'all', read: 'all', update: 'team' },
      asset: { create: 'all', read: 'all', update: 'team' },
    },
    fields: { user: { roles: 'readOnly' }, role: { rights: 'hidden' } },
    may: ['import', 'export', 'manageKeys'],
  },
  readOnly: {
    objects: { '*': { read: 'all' }, role: { read: 'none' } },
    fields: { party: { birthDate: 'hidden' } },
    may: [],
  },
};

const rightsNow = async (): Promise<Record<string, Rights>> =>
  Object.fromEntries(
    (await inside.product.db.query<{ key: string; rights: Rights }>('select key, rights from roles')).map(({ key, rights }) => [
      key,
      rights,
    ]),
  );
const set = (key: string, rights: Rights) =>
  inside.product.db.query('update roles set rights = $2::jsonb where key = $1::text', [key, JSON.stringify(rights)]);
/** Another server starts on the same base, with no part in its log and jobs. */
const startAgain = async (modules?: readonly Module[]): Promise<void> => {
  const again = await openProduct({
    url: inside.product.db.url,
    dataFolder: inside.product.dataFolder,
    modules,
    connections: 2,
    role: 'web',
  });
  await again.start();
  await again.stop();
};
const acts = () =>
  inside.product.db.query<{ kind: string; record: string }>(
    `select k.kind, r.key as record from changes c join causes k on k.id = c.cause join roles r on r.id = c.record_id where c.action = 'update' order by r.key`,
  );

it('roles that are as they were set up learn what is new, once, through the log; what a company said stays', async () => {
  inside = await insideProduct();
  const setUp = await rightsNow();
  const own: Rights = { ...(setUp.agent as Rights), may: ['export'], objects: { party: { read: 'all' } } };
  for (const [key, rights] of Object.entries(OLD)) await set(key, rights);
  await set('agent', own);
  await inside.product.db.query(`delete from settings where key = 'roleGrants'`);

  await startAgain();
  const after = await rightsNow();
  expect(after.salesManager).toEqual(setUp.salesManager);
  expect(after.readOnly).toEqual(setUp.readOnly);
  expect(after.readOnly?.objects.flow).toEqual({ read: 'none' });
  expect(after.agent).toEqual(own);
  expect(await acts()).toEqual([
    { kind: 'setup', record: 'readOnly' },
    { kind: 'setup', record: 'salesManager' },
  ]);

  // Taken away again afterwards it stays away.
  await set('readOnly', OLD.readOnly as Rights);
  await startAgain();
  expect((await rightsNow()).readOnly).toEqual(OLD.readOnly);
  expect(await acts()).toHaveLength(2);
});

it('a new company has had them all', async () => {
  inside = await insideProduct();
  await set('readOnly', OLD.readOnly as Rights);
  await startAgain();
  expect((await rightsNow()).readOnly).toEqual(OLD.readOnly);
});

it('modules of others say what their objects bring', async () => {
  inside = await insideProduct();
  const loyal: Module = { key: 'loyal', objects: [], grants: { loyaltyCard: { salesRep: { read: 'team' }, unknown: { read: 'all' } } } };
  await startAgain([loyal]);
  const { salesRep, agent } = await rightsNow();
  expect(salesRep?.objects.loyaltyCard).toEqual({ read: 'team' });
  expect(agent?.objects.loyaltyCard).toBeUndefined();
});

it('what a role names of an object stays as it says it', async () => {
  inside = await insideProduct();
  const start = { key: 'rep', rights: { objects: { party: { read: 'all' }, card: { read: 'all' }, flow: {} } } } as const;
  const grants = { card: { rep: { read: 'all' } }, flow: { rep: { read: 'none' } } } as const;
  const role = { key: 'rep', rights: { objects: { party: { read: 'all' }, card: { read: 'own' } } } } as const;
  expect(withGrants(role, start, grants, new Set(['card', 'flow']))).toEqual({
    objects: { party: { read: 'all' }, card: { read: 'own' }, flow: { read: 'none' } },
  });
  expect(withGrants(role, start, grants, new Set(['card']))).toBeNull();
});

it('what set-up closes to who sees everything else stays closed to roles of the company itself that do, but for administrators', async () => {
  inside = await insideProduct();
  const grants = { card: { readOnly: { read: 'all' } }, flow: { readOnly: { read: 'none' } } } as const;
  const fresh = new Set(['card', 'flow']);
  const start = { key: 'readOnly', rights: { objects: { '*': { read: 'all' } } } } as const;
  const changed = { key: 'readOnly', rights: { objects: { '*': { read: 'all' }, invoice: { read: 'none' } } } } as const;
  expect(withGrants(changed, start, grants, fresh)?.objects).toEqual({ ...changed.rights.objects, flow: { read: 'none' } });
  expect(withGrants({ ...changed, key: 'auditor' }, undefined, grants, fresh)?.objects.flow).toEqual({ read: 'none' });
  const named = { key: 'auditor', rights: { objects: { '*': { read: 'all' }, flow: { read: 'all' } } } } as const;
  expect(withGrants(named, undefined, grants, fresh)).toBeNull();
  const chief: Rights = { ...changed.rights, may: ['administer'] };
  expect(withGrants({ key: 'chief', rights: chief }, undefined, grants, fresh)).toBeNull();
  const few = { key: 'rep', rights: { objects: { party: { read: 'all' } } } } as const;
  expect(withGrants(few, undefined, grants, fresh)).toBeNull();
});
