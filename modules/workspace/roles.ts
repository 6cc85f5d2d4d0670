import type { Rights } from '#engine/access/actor.ts';
import type { Grants } from '#engine/record/role-grants.ts';
import type { SetUpNames } from '#engine/record/set-up-names.ts';

type RoleKey = 'administrator' | 'salesManager' | 'salesRep' | 'agent' | 'readOnly';

/**
 * The five roles a new company starts with. The matrix is written out in docs/access.md; a company changes it by editing
 * the role records, and this text is read only at set-up, and once for what is new in `LATER`.
 */
const configuration = [
  'user',
  'team',
  'role',
  'exchangeRate',
  'qualityRule',
  'pipeline',
  'stage',
  'playbookStep',
  'closeReason',
  'leadForm',
  'product',
  'territory',
] as const;
/** By what leads are scored and given out: whoever leads sales sees it. */
const ruling = ['scoreRule', 'assignmentRule'] as const;
/** Records of the customer's relationship, by who works them most. */
const selling = ['lead', 'opportunity', 'order', 'subscription'] as const;
/** What belongs to a deal goes with it. */
const dealing = ['dealContact', 'dealCompetitor', 'dealCredit', 'dealLine', 'playbookCheck'] as const;
/** What is to be won, and what people say will be. */
const foretelling = ['quota', 'forecastCall'] as const;
const money = ['invoice', 'payment'] as const;
const contact = ['interaction', 'note', 'fact', 'task', 'meeting', 'relationship'] as const;
const serving = ['case', 'asset'] as const;
/** What is booked and called under: by those who keep it; entries are filled and worked at through the list alone. */
const arranging = ['bookingPage', 'callList'] as const;
/** What a customer allows: proof, which nobody changes. */
const allowing = (read: 'all' | 'team') => ({ consent: { create: 'all', read } }) as const;

/** What a share reaches follows the record that it is about. */
const sharing = { share: { create: 'all', read: 'all', update: 'all', delete: 'all' } } as const;

/** What one puts together from figures is one's own, and whom one shares it with. */
const looking = Object.fromEntries(
  ['report', 'dashboard', 'measureAlert', 'embed', 'reportSchedule'].map((object) => [
    object,
    { create: 'all', read: 'own', update: 'own', delete: 'own' },
  ]),
) as Rights['objects'];

const each = (objects: readonly string[], right: Rights['objects'][string]): Rights['objects'] =>
  Object.fromEntries(objects.map((object) => [object, right]));

export const ROLES: readonly { key: RoleKey; rights: Rights }[] = [
  {
    key: 'administrator',
    rights: {
      objects: { '*': { create: 'all', read: 'all', update: 'all', delete: 'all' } },
      may: ['administer', 'import', 'export', 'undo', 'manageKeys'],
    },
  },
  {
    key: 'salesManager',
    rights: {
      objects: {
        ...each([...configuration, ...ruling], { read: 'all' }),
        ...sharing,
        ...looking,
        ...allowing('all'),
        product: { create: 'all', read: 'all', update: 'all' },
        leadForm: { create: 'all', read: 'all', update: 'all', delete: 'all' },
        party: { create: 'all', read: 'all', update: 'team', delete: 'team' },
        ...each([...selling, ...dealing, ...contact], { create: 'all', read: 'all', update: 'team', delete: 'team' }),
        competitor: { create: 'all', read: 'all', update: 'all', delete: 'all' },
        stageChange: { read: 'all' },
        ...each(foretelling, { create: 'all', read: 'all', update: 'all', delete: 'all' }),
        forecastSnapshot: { read: 'all' },
        ...each(money, { read: 'all' }),
        ...each(arranging, { create: 'all', read: 'all', update: 'team', delete: 'team' }),
        callListEntry: { read: 'all' },
        ...each(serving, { create: 'all', read: 'all', update: 'team' }),
      },
      fields: { user: { roles: 'readOnly' }, role: { rights: 'hidden' } },
      may: ['import', 'export', 'manageKeys'],
    },
  },
  {
    key: 'salesRep',
    rights: {
      objects: {
        ...each(configuration, { read: 'all' }),
        ...sharing,
        ...looking,
        ...allowing('team'),
        role: { read: 'none' },
        party: { create: 'own', read: 'team', update: 'own' },
        ...each([...selling, ...dealing], { create: 'own', read: 'team', update: 'own', delete: 'own' }),
        competitor: { create: 'all', read: 'all', update: 'all' },
        stageChange: { read: 'team' },
        quota: { read: 'own' },
        forecastCall: { create: 'own', read: 'own', update: 'own', delete: 'own' },
        forecastSnapshot: { read: 'team' },
        ...each(money, { read: 'team' }),
        ...each(contact, { create: 'all', read: 'team', update: 'own', delete: 'own' }),
        ...each(arranging, { create: 'own', read: 'team', update: 'own', delete: 'own' }),
        callListEntry: { read: 'team' },
        ...each(serving, { create: 'all', read: 'team' }),
      },
      may: ['export', 'manageKeys'],
    },
  },
  {
    key: 'agent',
    rights: {
      objects: {
        ...each(configuration, { read: 'all' }),
        ...sharing,
        ...looking,
        ...allowing('all'),
        role: { read: 'none' },
        party: { create: 'all', read: 'all', update: 'all' },
        ...each([...selling, ...dealing, 'competitor'], { read: 'all' }),
        ...each(money, { read: 'all' }),
        ...each(contact, { create: 'all', read: 'all', update: 'own', delete: 'own' }),
        ...each(arranging, { create: 'own', read: 'all', update: 'own', delete: 'own' }),
        callListEntry: { read: 'all' },
        ...each(serving, { create: 'all', read: 'all', update: 'all' }),
      },
      fields: {
        opportunity: { amount: 'hidden', probability: 'hidden', lostReason: 'hidden' },
        lead: { budget: 'hidden' },
        party: { annualRevenue: 'hidden', owner: 'readOnly' },
      },
      may: ['manageKeys'],
    },
  },
  {
    key: 'readOnly',
    rights: {
      objects: { '*': { read: 'all' }, role: { read: 'none' }, flow: { read: 'none' } },
      fields: { party: { birthDate: 'hidden' } },
      may: [],
    },
  },
];

/** Objects that came when companies had their roles already: what the matrix says of them is given to roles that are as they were set up. */
export const LATER: Grants = Object.fromEntries(
  [
    'share',
    'territory',
    'qualityRule',
    'flow',
    'consent',
    'meeting',
    'playbookStep',
    'closeReason',
    'competitor',
    ...dealing,
    ...foretelling,
    'forecastSnapshot',
    'lead',
    ...ruling,
    'leadForm',
    ...arranging,
    'callListEntry',
    ...Object.keys(looking),
  ].map((object) => [
    object,
    Object.fromEntries(ROLES.flatMap(({ key, rights }) => (rights.objects[object] ? [[key, rights.objects[object]]] : []))),
  ]),
);

/** What the roles are called, and what they are (`key.is`), in the language of the company. */
export const ROLE_NAMES: SetUpNames<RoleKey | `${RoleKey}.is`> = {
  en: {
    administrator: 'Administrator',
    'administrator.is': 'Everything, with users, roles and settings.',
    salesManager: 'Sales manager',
    'salesManager.is': 'Sees every customer, leads the own teams: changes and re-assigns what they own.',
    salesRep: 'Sales rep',
    'salesRep.is': 'Sees what the team owns, changes what is their own or served by them.',
    agent: 'Agent',
    'agent.is': 'Serves every customer: sees and corrects all parties and cases, but not what deals are worth.',
    readOnly: 'Read only',
    'readOnly.is': 'Sees everything but personal dates, changes nothing.',
  },
  de: {
    administrator: 'Administration',
    'administrator.is': 'Alles, mit Benutzern, Rollen und Einstellungen.',
    salesManager: 'Vertriebsleitung',
    'salesManager.is': 'Sieht alle Kunden, führt die eigenen Teams: ändert und verteilt neu, was ihnen gehört.',
    salesRep: 'Vertrieb',
    'salesRep.is': 'Sieht, was dem Team gehört, ändert, was eigen ist oder betreut wird.',
    agent: 'Service',
    'agent.is': 'Betreut alle Kunden: sieht und berichtigt alle Kunden und Fälle, aber nicht, was Chancen wert sind.',
    readOnly: 'Nur lesen',
    'readOnly.is': 'Sieht alles außer persönlichen Daten, ändert nichts.',
  },
  ar: {
    administrator: 'مدير النظام',
    'administrator.is': 'كل شيء، مع المستخدمين والأدوار والإعدادات.',
    salesManager: 'مدير المبيعات',
    'salesManager.is': 'يرى كل العملاء ويقود فرقه: يغيّر ما تملكه ويعيد توزيعه.',
    salesRep: 'مندوب مبيعات',
    'salesRep.is': 'يرى ما يملكه الفريق، ويغيّر ما يملكه أو يخدمه.',
    agent: 'موظف خدمة',
    'agent.is': 'يخدم كل العملاء: يرى ويصحّح كل العملاء والحالات، دون قيمة الصفقات.',
    readOnly: 'قراءة فقط',
    'readOnly.is': 'يرى كل شيء عدا التواريخ الشخصية، ولا يغيّر شيئًا.',
  },
};
