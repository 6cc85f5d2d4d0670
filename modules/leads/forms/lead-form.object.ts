import { boolean, json, language, longText, manyToMany, reference, select, text, url, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { SOURCES } from '../lead.object.ts';

/** A form on a web page by which somebody becomes a lead. What it asks is the company's own; who answers is found or made as a party. */
export const leadForm = defineObject({
  key: 'leadForm',
  plural: 'leadForms',
  icon: 'forms',
  title: 'name',
  fields: {
    name: text({ required: true, max: 120 }),
    /** Its public address ends with it. */
    slug: text({ required: true, unique: true, max: 60 }),
    active: boolean({ default: true }),
    language: language({ required: true }),
    heading: text({ max: 200, required: true }),
    intro: longText({ max: 2000 }),
    /** What is said when it was sent; where to go on from there. */
    thanks: longText({ max: 1000 }),
    redirect: url(),
    /** What is asked, in order: [{ask, label, required}]. */
    asks: json(),
    source: select([...SOURCES], { required: true, default: 'web' }),
    product: reference({ to: 'product' }),
    /** Whose its leads are; nobody's yet where empty. */
    leadOwner: user(),
    consentText: longText({ max: 2000 }),
    consentPurpose: select(['marketing', 'newsletter', 'survey', 'profiling', 'sharing', 'all'], { default: 'marketing' }),
    /** Sites that may show it in a frame, as origins. */
    sites: json(),
    notified: manyToMany({ to: 'user' }),
  },
  list: { columns: ['name', 'slug', 'active', 'language', 'source', 'product'], sort: ['name'] },
  form: [
    { key: 'main', fields: ['name', 'slug', 'active', 'language', 'heading', 'intro', 'thanks', 'redirect'] },
    { key: 'leads', fields: ['source', 'product', 'leadOwner', 'notified', 'consentText', 'consentPurpose'] },
  ],
  quiet: true,
  unsearchable: true,
});
