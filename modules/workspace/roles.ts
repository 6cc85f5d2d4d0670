import type { Rights } from '#engine/access/actor.ts';

/**
 * The five roles a new company starts with. The matrix is written out in docs/access.md; a company changes it by editing
 * the role records, and this text is read only at set-up.
 */
const configuration = ['user', 'team', 'role', 'exchangeRate', 'pipeline', 'stage', 'product'] as const;
/** Records of the customer's relationship, by who works them most. */
const selling = ['opportunity', 'order', 'subscription'] as const;
const money = ['invoice', 'payment'] as const;
const contact = ['interaction', 'note', 'fact', 'task', 'relationship'] as const;
const serving = ['case', 'asset'] as const;

const each = (objects: readonly string[], right: Rights['objects'][string]): Rights['objects'] =>
  Object.fromEntries(objects.map((object) => [object, right]));

export const ROLES: readonly { key: string; name: string; description: string; rights: Rights }[] = [
  {
    key: 'administrator',
    name: 'Administrator',
    description: 'Everything, with users, roles and settings.',
    rights: {
      objects: { '*': { create: 'all', read: 'all', update: 'all', delete: 'all' } },
      may: ['administer', 'import', 'export', 'undo', 'manageKeys'],
    },
  },
  {
    key: 'salesManager',
    name: 'Sales manager',
    description: 'Sees every customer, leads the own teams: changes and re-assigns what they own.',
    rights: {
      objects: {
        ...each(configuration, { read: 'all' }),
        product: { create: 'all', read: 'all', update: 'all' },
        party: { create: 'all', read: 'all', update: 'team', delete: 'team' },
        ...each([...selling, ...contact], { create: 'all', read: 'all', update: 'team', delete: 'team' }),
        stageChange: { read: 'all' },
        ...each(money, { read: 'all' }),
        ...each(serving, { create: 'all', read: 'all', update: 'team' }),
      },
      fields: { user: { roles: 'readOnly' }, role: { rights: 'hidden' } },
      may: ['import', 'export', 'manageKeys'],
    },
  },
  {
    key: 'salesRep',
    name: 'Sales rep',
    description: 'Sees what the team owns, changes what is their own or served by them.',
    rights: {
      objects: {
        ...each(configuration, { read: 'all' }),
        role: { read: 'none' },
        party: { create: 'own', read: 'team', update: 'own' },
        ...each(selling, { create: 'own', read: 'team', update: 'own', delete: 'own' }),
        stageChange: { read: 'team' },
        ...each(money, { read: 'team' }),
        ...each(contact, { create: 'all', read: 'team', update: 'own', delete: 'own' }),
        ...each(serving, { create: 'all', read: 'team' }),
      },
      may: ['export', 'manageKeys'],
    },
  },
  {
    key: 'agent',
    name: 'Agent',
    description: 'Serves every customer: sees and corrects all parties and cases, but not what deals are worth.',
    rights: {
      objects: {
        ...each(configuration, { read: 'all' }),
        role: { read: 'none' },
        party: { create: 'all', read: 'all', update: 'all' },
        ...each(selling, { read: 'all' }),
        ...each(money, { read: 'all' }),
        ...each(contact, { create: 'all', read: 'all', update: 'own', delete: 'own' }),
        ...each(serving, { create: 'all', read: 'all', update: 'all' }),
      },
      fields: {
        opportunity: { amount: 'hidden', probability: 'hidden', lostReason: 'hidden' },
        party: { annualRevenue: 'hidden', owner: 'readOnly' },
      },
      may: ['manageKeys'],
    },
  },
  {
    key: 'readOnly',
    name: 'Read only',
    description: 'Sees everything but personal dates, changes nothing.',
    rights: {
      objects: { '*': { read: 'all' }, role: { read: 'none' } },
      fields: { party: { birthDate: 'hidden' } },
      may: [],
    },
  },
];
