import { isObject } from '#kit/json.ts';
import { cleanText, FieldProblem, type FieldType, fieldOf } from '../../field.ts';

/** The name of a record in another system. One value of one system names at most one record of an object. */
export interface ExternalId {
  system: string;
  value: string;
}

/** What other systems call this record. Every object has one such field, `externalIds`; the values lie in external_ids. */
export const externalIds = fieldOf<ExternalId[]>('externalIds');

export const externalIdsType: FieldType<ExternalId[]> = {
  key: 'externalIds',
  storage: 'external',
  columns: () => [],
  store: () => [],
  read: () => 'null::json',
  parse: (input) => {
    const list = Array.isArray(input) ? input : [input];
    const found = new Map<string, ExternalId>();
    list.forEach((item, i) => {
      if (!isObject(item)) throw new FieldProblem('type', 'Expected {"system","value"}.', String(i));
      const system = cleanText(item.system, 60);
      const value = cleanText(item.value, 200);
      if (!system || !value) throw new FieldProblem('required', 'An external id needs its system and its value.', String(i));
      found.set(`${system} ${value}`, { system, value });
    });
    return found.size > 0 ? [...found.values()].sort((a, b) => (`${a.system} ${a.value}` < `${b.system} ${b.value}` ? -1 : 1)) : null;
  },
  fromText: (text, field, env) =>
    externalIdsType.parse(
      text.split(';').map((part) => {
        const at = part.indexOf(':');
        return { system: at < 0 ? 'import' : part.slice(0, at), value: part.slice(at + 1) };
      }),
      field,
      env,
    ),
  toText: (value) => value.map((id) => `${id.system}:${id.value}`).join('; '),
  operators: [],
  sortable: false,
  aggregates: [],
  schema: () => ({
    type: 'array',
    items: { type: 'object', properties: { system: { type: 'string' }, value: { type: 'string' } }, required: ['system', 'value'] },
  }),
  samples: () => ({
    good: [
      { input: [{ system: 'erp', value: 'C-1' }], value: [{ system: 'erp', value: 'C-1' }] },
      { input: { system: 'shop', value: '77' }, value: [{ system: 'shop', value: '77' }] },
    ],
    bad: ['x', [{ system: 'erp' }]],
  }),
};
