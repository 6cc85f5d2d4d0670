import { boolean, formula, longText, percent, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** What every part of a deal holds as the deal does, kept by its rules: who reads and changes the deal reads and changes its parts. */
export const asTheDeal = { customer: reference({ to: 'party', readOnly: true }), owner: user({ readOnly: true }) };

/** What a person has to say in a deal: decides, helps, stands in the way. */
export const dealContact = defineObject({
  key: 'dealContact',
  plural: 'dealContacts',
  icon: 'user-check',
  title: 'role',
  party: 'customer',
  owner: 'owner',
  fields: {
    opportunity: reference({ to: 'opportunity', required: true, inverse: 'contacts' }),
    contact: reference({ to: 'party', required: true, inverse: 'dealRoles' }),
    role: select(
      ['decisionMaker', 'champion', 'influencer', 'user', 'buyer', 'legal', 'technical', { key: 'blocker', color: 'warning' }, 'other'],
      { required: true, open: true },
    ),
    isPrimary: boolean({ default: false }),
    comment: text({ max: 300 }),
    ...asTheDeal,
  },
  uniqueTogether: [['opportunity', 'contact', 'role']],
  list: { columns: ['contact', 'role', 'isPrimary', 'opportunity', 'comment'], sort: ['-createdAt'] },
  form: [{ key: 'main', fields: ['opportunity', 'contact', 'role', 'isPrimary', 'comment'] }],
  quiet: true,
  unsearchable: true,
});

/** Somebody else who would sell to one's customers. */
export const competitor = defineObject({
  key: 'competitor',
  plural: 'competitors',
  icon: 'swords',
  title: 'name',
  fields: {
    name: text({ required: true, search: 'title', max: 200, unique: true }),
    website: text({ max: 300 }),
    strengths: longText({ max: 4000 }),
    weaknesses: longText({ max: 4000 }),
    ourAnswer: longText({ max: 4000 }),
  },
  list: { columns: ['name', 'website', 'strengths', 'weaknesses'], sort: ['name'] },
  form: [{ key: 'main', fields: ['name', 'website', 'strengths', 'weaknesses', 'ourAnswer'] }],
});

/** A competitor for one deal, and how it stands. */
export const dealCompetitor = defineObject({
  key: 'dealCompetitor',
  plural: 'dealCompetitors',
  icon: 'swords',
  title: 'standing',
  party: 'customer',
  owner: 'owner',
  fields: {
    opportunity: reference({ to: 'opportunity', required: true, inverse: 'competitors' }),
    competitor: reference({ to: 'competitor', required: true, inverse: 'deals' }),
    standing: select([{ key: 'behind', color: 'good' }, { key: 'even' }, { key: 'ahead', color: 'warning' }], {
      default: 'even',
      required: true,
    }),
    comment: text({ max: 300 }),
    ...asTheDeal,
  },
  uniqueTogether: [['opportunity', 'competitor']],
  list: { columns: ['competitor', 'standing', 'opportunity', 'comment'], sort: ['-createdAt'] },
  form: [{ key: 'main', fields: ['opportunity', 'competitor', 'standing', 'comment'] }],
  quiet: true,
  unsearchable: true,
});

/** The share of a deal that somebody is credited with. Those of a deal make up the whole; a won deal without any is its owner's. */
export const dealCredit = defineObject({
  key: 'dealCredit',
  plural: 'dealCredits',
  icon: 'chart-pie',
  title: 'role',
  party: 'customer',
  owner: 'owner',
  fields: {
    opportunity: reference({ to: 'opportunity', required: true, inverse: 'credits' }),
    user: user({ required: true, inverse: 'dealCredits' }),
    share: percent({ required: true }),
    role: text({ max: 100 }),
    /** Made when the deal was won, because nobody had said anything else. */
    byDefault: boolean({ readOnly: true, default: false }),
    creditedAmount: formula({ expression: 'opportunity.amount * share' }),
    ...asTheDeal,
  },
  uniqueTogether: [['opportunity', 'user']],
  list: { columns: ['user', 'share', 'role', 'creditedAmount', 'opportunity'], sort: ['-createdAt'] },
  form: [{ key: 'main', fields: ['opportunity', 'user', 'share', 'role', 'creditedAmount'] }],
  quiet: true,
  unsearchable: true,
});
