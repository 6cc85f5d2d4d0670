import { boolean, integer, json, manyToMany, multiSelect, select, tags, text } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** To whom records go that nobody was named for (`assignment/assign.ts`): the rules of an object are asked in their order. */
export const assignmentRule = defineObject({
  key: 'assignmentRule',
  plural: 'assignmentRules',
  icon: 'arrows-split',
  title: 'name',
  fields: {
    name: text({ required: true, max: 120 }),
    object: text({ required: true, max: 60, default: 'lead' }),
    active: boolean({ default: true }),
    position: integer({ min: 0, max: 100_000 }),
    /** Records it takes; all without it. */
    condition: json(),
    way: select([{ key: 'roundRobin' }, { key: 'load' }, { key: 'skill' }, { key: 'territory' }, { key: 'fixed' }], {
      required: true,
      default: 'roundRobin',
    }),
    members: manyToMany({ to: 'user' }),
    teams: manyToMany({ to: 'team' }),
    /** What whoever gets it must be able to, beside what the record itself asks for. */
    skills: tags(),
    skillsFrom: multiSelect([{ key: 'product' }, { key: 'language' }]),
  },
  list: { columns: ['name', 'object', 'way', 'members', 'teams', 'active'], sort: ['position', 'name'] },
  form: [{ key: 'main', fields: ['name', 'object', 'condition', 'way', 'members', 'teams', 'skills', 'skillsFrom', 'position', 'active'] }],
  quiet: true,
  unsearchable: true,
  sealed: true,
});
