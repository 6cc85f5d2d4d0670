import {
  addresses, country, currency, date, emails, integer, language, longText, manyToMany, money, multiSelect, personName, phones, reference, select, tags, text, url, user,
} from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** Branches of trade; enough to segment by, few enough to choose from. */
export const INDUSTRIES = [
  'agriculture', 'construction', 'education', 'employment', 'energy', 'entertainment', 'finance', 'food', 'government', 'manufacturing', 'marketing',
  'medical', 'nonProfit', 'retail', 'services', 'software', 'technology', 'telecommunications', 'transport', 'wholesale', 'other',
] as const;

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
  owner: 'owner',
  team: 'accountTeam',
  fields: {
    kind: select(['person', 'organisation'], { required: true, default: 'organisation' }),
    name: text({ required: true, search: 'title', max: 300 }),
    personName: personName({ personal: true }),
    roles: multiSelect(['prospect', 'customer', 'partner', 'supplier', 'donor', 'citizen', 'employee']),
    lifecycleStage: select(['prospect', 'new', 'repeat', 'mature', 'atRisk', 'lapsed', 'wonBack']),
    owner: user({ inverse: 'ownedParties' }),
    accountTeam: manyToMany({ to: 'user', roles: ['sales', 'service', 'marketing', 'finance', 'executive'] }),
    parent: reference({ to: 'party', inverse: 'children' }),
    emails: emails({ search: 'words', identifies: 'email', personal: true }),
    phones: phones({ search: 'phone', identifies: 'phone', personal: true }),
    addresses: addresses({ personal: true }),
    city: text({ max: 120, search: 'words' }),
    country: country(),
    website: url({ search: 'words' }),
    language: language(),
    currency: currency(),
    industry: select(INDUSTRIES.map((key) => ({ key }))),
    employees: integer({ min: 0 }),
    annualRevenue: money(),
    foundedYear: integer({ min: 1000, max: 3000 }),
    jobTitle: text({ max: 200, search: 'words' }),
    birthDate: date({ personal: true }),
    tags: tags({ search: 'words' }),
    description: longText(),
  },
  indexes: [['createdAt'], ['country', 'name']],
  list: { columns: ['name', 'kind', 'roles', 'lifecycleStage', 'owner', 'city', 'country', 'emails', 'phones'], sort: ['name'] },
  form: [
    { key: 'main', fields: ['kind', 'name', 'roles', 'lifecycleStage', 'owner', 'parent'] },
    { key: 'contact', fields: ['emails', 'phones', 'addresses', 'website', 'language', 'currency'] },
    { key: 'about', fields: ['industry', 'employees', 'annualRevenue', 'foundedYear', 'tags', 'description', 'accountTeam'] },
  ],
  variants: {
    field: 'kind',
    forms: {
      person: [
        { key: 'main', fields: ['kind', 'personName', 'jobTitle', 'roles', 'lifecycleStage', 'owner', 'parent'] },
        { key: 'contact', fields: ['emails', 'phones', 'addresses', 'language', 'currency'] },
        { key: 'about', fields: ['birthDate', 'tags', 'description', 'accountTeam'] },
      ],
      organisation: [
        { key: 'main', fields: ['kind', 'name', 'roles', 'lifecycleStage', 'owner', 'parent'] },
        { key: 'contact', fields: ['emails', 'phones', 'addresses', 'website', 'country', 'language', 'currency'] },
        { key: 'about', fields: ['industry', 'employees', 'annualRevenue', 'foundedYear', 'tags', 'description', 'accountTeam'] },
      ],
    },
  },
});
