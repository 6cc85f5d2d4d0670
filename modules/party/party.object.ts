import {
  addresses,
  boolean,
  country,
  currency,
  date,
  emails,
  files,
  image,
  integer,
  language,
  longText,
  manyToMany,
  money,
  multiSelect,
  personName,
  phones,
  reference,
  rollUp,
  select,
  tags,
  text,
  url,
  user,
} from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** Branches of trade; enough to segment by, few enough to choose from. */
export const INDUSTRIES = [
  'agriculture',
  'construction',
  'education',
  'employment',
  'energy',
  'entertainment',
  'finance',
  'food',
  'government',
  'manufacturing',
  'marketing',
  'medical',
  'nonProfit',
  'retail',
  'services',
  'software',
  'technology',
  'telecommunications',
  'transport',
  'wholesale',
  'other',
] as const;

/** What is reckoned up about a customer. */
const FIGURES = {
  key: 'figures',
  fields: ['lifetimeRevenue', 'openBalance', 'openOpportunities', 'lastOrderOn', 'openCases', 'lastContactAt', 'costToServe'],
} as const;

/**
 * A person or an organisation: the one record everything about a customer points to. Prospect, customer, partner, supplier,
 * donor, citizen and employee are roles of it, several at once.
 */
export const party = defineObject({
  key: 'party',
  plural: 'parties',
  icon: 'users',
  title: 'name',
  subtitle: 'city',
  picture: 'picture',
  owner: 'owner',
  team: 'accountTeam',
  territory: 'territory',
  fields: {
    kind: select(['person', 'organisation'], { required: true, default: 'organisation' }),
    name: text({ required: true, search: 'title', max: 300 }),
    personName: personName({ personal: true }),
    roles: multiSelect(['prospect', 'customer', 'partner', 'supplier', 'donor', 'citizen', 'employee'], { open: true, personal: false }),
    lifecycleStage: select(['prospect', 'new', 'repeat', 'mature', 'atRisk', 'lapsed', 'wonBack'], { open: true, personal: false }),
    owner: user({ inverse: 'ownedParties' }),
    accountTeam: manyToMany({
      to: 'user',
      roles: ['sales', 'service', 'fieldService', 'marketing', 'finance', 'executive'],
      membership: true,
    }),
    territory: reference({ to: 'territory', inverse: 'parties' }),
    territoryPinned: boolean({ personal: false }),
    parent: reference({ to: 'party', inverse: 'children' }),
    emails: emails({ search: 'words', identifies: 'email', personal: true }),
    phones: phones({ search: 'phone', identifies: 'phone', personal: true }),
    addresses: addresses({ search: 'words', personal: true }),
    city: text({ max: 120, search: 'words' }),
    country: country(),
    website: url({ search: 'words' }),
    language: language(),
    currency: currency(),
    industry: select(
      INDUSTRIES.map((key) => ({ key })),
      { open: true },
    ),
    employees: integer({ min: 0 }),
    annualRevenue: money(),
    foundedYear: integer({ min: 1000, max: 3000 }),
    jobTitle: text({ max: 200, search: 'words' }),
    birthDate: date({ personal: true }),
    tags: tags({ search: 'words' }),
    description: longText(),
    picture: image({ maxBytes: 10_000_000, personal: true }),
    files: files({ personal: true }),
    // What others know of the customer. How much and when is told to whoever reads the customer; what it is worth follows the rights.
    // The figures of the 360° view name these.
    lifetimeRevenue: rollUp({
      over: 'invoices',
      op: 'sum',
      field: 'total',
      where: { field: 'status', op: 'in', value: ['issued', 'paid'] },
      index: true,
    }),
    grossInvoiced: rollUp({
      over: 'invoices',
      op: 'sum',
      field: 'total',
      where: {
        all: [
          { field: 'status', op: 'in', value: ['issued', 'paid'] },
          { field: 'kind', op: 'eq', value: 'invoice' },
        ],
      },
    }),
    credits: rollUp({
      over: 'invoices',
      op: 'sum',
      field: 'total',
      where: {
        all: [
          { field: 'status', op: 'in', value: ['issued', 'paid'] },
          { field: 'kind', op: 'eq', value: 'creditNote' },
        ],
      },
    }),
    openBalance: rollUp({
      over: 'invoices',
      op: 'sum',
      field: 'balance',
      where: {
        all: [
          { field: 'status', op: 'eq', value: 'issued' },
          { field: 'balance', op: 'gt', value: 0 },
        ],
      },
    }),
    wonValue: rollUp({ over: 'opportunities', op: 'sum', field: 'amount', where: { field: 'stage.category', op: 'eq', value: 'won' } }),
    openPipeline: rollUp({
      over: 'opportunities',
      op: 'sum',
      field: 'amount',
      where: { field: 'stage.category', op: 'eq', value: 'open' },
    }),
    openOpportunities: rollUp({
      over: 'opportunities',
      op: 'count',
      where: { field: 'stage.category', op: 'eq', value: 'open' },
      visibility: 'record',
    }),
    orderCount: rollUp({ over: 'orders', op: 'count', where: { field: 'status', op: 'ne', value: 'cancelled' }, visibility: 'record' }),
    lastOrderOn: rollUp({
      over: 'orders',
      op: 'max',
      field: 'date',
      where: { field: 'status', op: 'ne', value: 'cancelled' },
      visibility: 'record',
    }),
    openCases: rollUp({
      over: 'cases',
      op: 'count',
      where: { field: 'status', op: 'notIn', value: ['solved', 'closed'] },
      visibility: 'record',
      index: true,
    }),
    lastContactAt: rollUp({ over: 'interactions', op: 'max', field: 'at', visibility: 'record', index: true }),
    costToServe: rollUp({ over: 'interactions', op: 'sum', field: 'cost' }),
  },
  duplicates: {
    compare: {
      personName: 'personName',
      name: 'companyName',
      emails: 'email',
      phones: 'phone',
      addresses: 'address',
      birthDate: 'date',
      website: 'website',
    },
  },
  indexes: [['createdAt'], ['country', 'name'], ['territory', 'name']],
  brief: { contact: ['kind', 'jobTitle', 'phones', 'emails'] },
  handOver: { all: [] },
  list: { columns: ['name', 'roles', 'lifecycleStage', 'owner', 'city', 'country', 'emails', 'phones'], sort: ['name'] },
  form: [
    { key: 'main', fields: ['kind', 'name', 'roles', 'lifecycleStage', 'owner', 'territory', 'parent'] },
    { key: 'contact', fields: ['emails', 'phones', 'addresses', 'website', 'language', 'currency'] },
    {
      key: 'about',
      fields: ['industry', 'employees', 'annualRevenue', 'foundedYear', 'tags', 'description', 'accountTeam', 'picture', 'files'],
    },
    FIGURES,
  ],
  variants: {
    field: 'kind',
    forms: {
      person: [
        { key: 'main', fields: ['kind', 'personName', 'jobTitle', 'roles', 'lifecycleStage', 'owner', 'territory', 'parent'] },
        { key: 'contact', fields: ['emails', 'phones', 'addresses', 'language', 'currency'] },
        { key: 'about', fields: ['birthDate', 'tags', 'description', 'accountTeam', 'picture', 'files'] },
        FIGURES,
      ],
      organisation: [
        { key: 'main', fields: ['kind', 'name', 'roles', 'lifecycleStage', 'owner', 'territory', 'parent'] },
        { key: 'contact', fields: ['emails', 'phones', 'addresses', 'website', 'country', 'language', 'currency'] },
        {
          key: 'about',
          fields: ['industry', 'employees', 'annualRevenue', 'foundedYear', 'tags', 'description', 'accountTeam', 'picture', 'files'],
        },
        FIGURES,
      ],
    },
  },
});
