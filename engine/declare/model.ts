import { safeColumn, snake } from '#kit/names.ts';
import type { ActionDeclaration } from './action.ts';
import type { BoundField, Field } from './field.ts';
import { fieldTypes, typeOf } from './fields/index.ts';
import { linkTable } from './fields/many-to-many/many-to-many.ts';
import { membershipOf } from './fields/many-to-many/membership.ts';
import { optionsOf } from './fields/select/select.ts';
import { resolveFigures } from './figures.ts';
import { resolveFormulas } from './formula/resolve.ts';
import type { FormulaProblem } from './formula/terms.ts';
import type { Preset } from './import-mapping.ts';
import type { Measure } from './measure.ts';
import type { ModuleDeclaration } from './module.ts';
import type { ModelObject, ObjectDeclaration } from './object.ts';
import type { DashboardDeclaration, ReportDeclaration } from './report.ts';
import { targetOf } from './target-of.ts';
import { mergeWords, type Words } from './words.ts';

export { targetOf };

/** All that is declared, resolved and checked: what every floor above asks. Immutable once built. */
export interface Model {
  /** That of the company's catalogue it was built with; 0 without one. */
  version: number;
  /** Words that the browser was not built with: those of modules from folders and of what the company made itself. */
  words: Words;
  objects: ReadonlyMap<string, ModelObject>;
  byPlural: ReadonlyMap<string, ModelObject>;
  actions: ReadonlyMap<string, ActionDeclaration>;
  measures: ReadonlyMap<string, Measure>;
  reports: ReadonlyMap<string, ReportDeclaration>;
  dashboards: ReadonlyMap<string, DashboardDeclaration>;
  /** Mappings for the files of known sources. */
  presets: readonly Preset[];
  /** References and user fields that point to an object: who would hang on a deleted record. */
  pointingTo(object: string): readonly { object: ModelObject; field: BoundField }[];
  /** The object of that key; a missing one is a fault of a declaration, so it throws. */
  object(key: string): ModelObject;
}

const SYSTEM: Record<string, { type: string; column: string; with?: Field['with'] }> = {
  id: { type: 'id', column: 'id' },
  version: { type: 'integer', column: 'version' },
  createdAt: { type: 'dateTime', column: 'created_at' },
  createdBy: { type: 'user', column: 'created_by' },
  updatedAt: { type: 'dateTime', column: 'updated_at' },
  updatedBy: { type: 'user', column: 'updated_by' },
};
/** Keys of the fields that every object has. */
export const SYSTEM_FIELDS: readonly string[] = Object.keys(SYSTEM);

const KEY = /^[a-z][a-zA-Z0-9]{0,40}$/;

/** A fault of a declaration, with the object and field it is at. */
export interface Fault {
  object: string;
  field?: string;
  text: string;
  /** What is wrong with a formula, and where in it. */
  formula?: FormulaProblem;
}

/** Declarations that do not hold together, with all their faults. */
export class ModelFaults extends Error {
  constructor(readonly faults: readonly Fault[]) {
    super(`The declarations do not hold together:\n${faults.map((fault) => fault.text).join('\n')}`);
  }
}

/** PostgreSQL cuts names off behind this, and two that were cut may be one. */
const MAX_NAME = 63;
/** What index names add to the table's. */
const INDEX_SUFFIX = 11;

/** Builds and checks the model; throws with all faults of the declarations at once. */
export function buildModel(modules: readonly ModuleDeclaration[], company: { version: number; words: Words } = NOTHING_OWN): Model {
  const faults: Fault[] = [];
  const objects = new Map<string, ModelObject>();
  const byPlural = new Map<string, ModelObject>();
  const actions = new Map<string, ActionDeclaration>();
  const measures = new Map<string, Measure>();
  for (const module of modules) {
    for (const declaration of module.objects) {
      const object = bindObject(declaration, module.key, faults);
      const namesake = objects.get(object.key) ?? byPlural.get(object.plural);
      if (namesake)
        faults.push({
          object: object.key,
          text: `Two objects are called ${namesake.key === object.key ? object.key : object.plural}: one of ${namesake.module}, one of ${module.key}.`,
        });
      objects.set(object.key, object);
      byPlural.set(object.plural, object);
    }
    for (const action of module.actions ?? []) {
      if (actions.has(action.key)) faults.push({ object: action.object ?? '', text: `Two actions are called ${action.key}.` });
      actions.set(action.key, action);
    }
    for (const measure of module.measures ?? []) {
      if (measures.has(measure.key)) faults.push({ object: measure.object, text: `Two measures are called ${measure.key}.` });
      measures.set(measure.key, measure);
    }
  }
  for (const object of [...objects.values()]) addInverses(object, objects, faults);
  for (const object of objects.values()) resolveFigures(object, objects, (field, text) => faults.push({ object: object.key, field, text }));
  resolveFormulas(objects, (object, field, problem) =>
    faults.push({ object, field, text: `${object}.${field}: ${problem.message}`, formula: problem }),
  );
  const pointing = new Map<string, { object: ModelObject; field: BoundField }[]>();
  for (const object of objects.values()) checkObject(object, objects, pointing, faults);
  if (faults.length > 0) throw new ModelFaults(faults);
  return {
    version: company.version,
    words: mergeWords(...modules.map((module) => module.words), company.words),
    objects,
    byPlural,
    actions,
    measures,
    reports: new Map(modules.flatMap((module) => (module.reports ?? []).map((report) => [report.key, report]))),
    dashboards: new Map(modules.flatMap((module) => (module.dashboards ?? []).map((dashboard) => [dashboard.key, dashboard]))),
    presets: modules.flatMap((module) => module.presets ?? []),
    pointingTo: (key) => pointing.get(key) ?? [],
    object: (key) => {
      const object = objects.get(key);
      if (!object) throw new Error(`No object is called ${key}.`);
      return object;
    },
  };
}

const NOTHING_OWN = { version: 0, words: {} };

function bindObject(declaration: ObjectDeclaration, module: string, faults: Fault[]): ModelObject {
  const table = snake(declaration.plural);
  const fields = new Map<string, BoundField>();
  const bind = (key: string, field: Field, column = snake(key)): BoundField => Object.freeze({ ...field, key, column, table });
  const id = SYSTEM.id;
  if (id) fields.set('id', bind('id', { type: id.type, with: {}, readOnly: true }, id.column));
  const declared: BoundField[] = [];
  const all: [string, Field][] = [...Object.entries(declaration.fields), ['externalIds', { type: 'externalIds', with: {} }]];
  for (const [key, field] of all) {
    const fault = (text: string) => faults.push({ object: declaration.key, field: key, text: `${declaration.key}.${key} ${text}` });
    if (!KEY.test(key)) fault('is not a field key.');
    if (key in SYSTEM) fault('is a name every object has already.');
    if (!fieldTypes.has(field.type)) fault(`has the unknown type ${field.type}.`);
    const plain = bind(key, field);
    const stands =
      fieldTypes.has(field.type) &&
      typeOf(plain)
        .columns(plain)
        .some(({ suffix }) => suffix === '');
    const bound = stands ? bind(key, field, safeColumn(plain.column)) : plain;
    fields.set(key, bound);
    declared.push(bound);
  }
  for (const [key, field] of Object.entries(SYSTEM))
    if (key !== 'id') fields.set(key, bind(key, { type: field.type, with: {}, readOnly: true }, field.column));
  if (table.length > MAX_NAME - INDEX_SUFFIX) faults.push({ object: declaration.key, text: `${declaration.plural} is too long a name.` });
  for (const field of declared) {
    const type = fieldTypes.has(field.type) ? typeOf(field) : undefined;
    const names =
      type?.storage === 'link'
        ? [linkTable(field) + (membershipOf(field) ? '_'.padEnd(INDEX_SUFFIX, '0') : '_to')]
        : (type?.columns(field) ?? []).map(({ suffix }) => field.column + suffix);
    if (names.some((name) => name.length > MAX_NAME))
      faults.push({ object: declaration.key, field: field.key, text: `${declaration.key}.${field.key} is too long a name.` });
  }
  return { ...declaration, table, module, fields, declared };
}

/** A reference that names its `inverse` puts a to-many field on its target, wherever that is declared. */
function addInverses(object: ModelObject, objects: ReadonlyMap<string, ModelObject>, faults: Fault[]): void {
  for (const field of object.declared) {
    const { inverse } = field.with;
    const target = objects.get(targetOf(field) ?? '');
    if (typeof inverse !== 'string' || !target) continue;
    if (target.fields.has(inverse))
      faults.push({
        object: object.key,
        field: field.key,
        text: `${object.key}.${field.key}: ${target.key} has a field ${inverse} already.`,
      });
    const far: BoundField = Object.freeze({
      type: 'toMany',
      with: { of: object.key, by: field.key },
      readOnly: true,
      ...(field.retired || object.retired ? { retired: true } : {}),
      key: inverse,
      column: snake(inverse),
      table: target.table,
    });
    (target.fields as Map<string, BoundField>).set(inverse, far);
    (target.declared as BoundField[]).push(far);
  }
}

function checkObject(
  object: ModelObject,
  objects: ReadonlyMap<string, ModelObject>,
  pointing: Map<string, { object: ModelObject; field: BoundField }[]>,
  faults: Fault[],
): void {
  const fault = (text: string, field?: string) => faults.push({ object: object.key, ...(field === undefined ? {} : { field }), text });
  const has = (key: string | undefined, what: string) => {
    if (key !== undefined && !object.fields.has(key)) fault(`${object.key}: ${what} names the unknown field ${key}.`);
  };
  has(object.title, 'title');
  has(object.subtitle, 'subtitle');
  has(object.picture, 'picture');
  has(object.party, 'party');
  has(object.owner, 'owner');
  has(object.team, 'team');
  has(object.territory, 'territory');
  has(object.about?.object, 'about');
  has(object.about?.record, 'about');
  has(object.about?.until, 'about');
  for (const key of Object.keys(object.duplicates?.compare ?? {})) has(key, 'duplicates');
  for (const column of object.list.columns) has(column.split('.')[0], 'list');
  for (const key of [
    ...(object.brief?.lists ?? []).flatMap((list) => [...list.columns, list.total]),
    ...(object.brief?.years ?? []).flatMap((year) => [year.at, year.amount]),
    ...(object.brief?.means ?? []).map((mean) => mean.field),
    ...(object.brief?.contact ?? []),
  ])
    has(key, 'brief');
  for (const figure of object.overview?.figures ?? []) {
    if (!('rollUp' in figure)) continue;
    const about = object.fields.get(object.party ?? '');
    const of = about && objects.get(targetOf(about) ?? '');
    const derived = of?.fields.get(figure.rollUp)?.derived;
    const over = derived?.kind === 'rollUp' && derived.source === object.key ? of?.fields.get(String(derived.with.over)) : undefined;
    if (over?.with.by !== object.party)
      fault(`${object.key}: overview names ${figure.rollUp}, which is no roll-up over the ${object.plural} of a party.`);
  }
  for (const key of Object.values(object.span ?? {})) {
    has(key, 'span');
    if (object.fields.get(key)?.type !== 'date') fault(`${object.key}: span names ${key}, which is no date.`);
  }
  if (object.handOver && !object.owner) fault(`${object.key}: handOver needs an owner.`);
  for (const section of [...object.form, ...Object.values(object.variants?.forms ?? {}).flat()])
    for (const key of section.fields) has(key, 'form');
  for (const key of object.indexes?.flat() ?? []) has(key.replace(/^-/, ''), 'indexes');
  for (const field of object.declared) {
    if (!fieldTypes.has(field.type)) continue;
    const type = typeOf(field);
    for (const option of optionsOf(field))
      if (!/^[a-zA-Z][a-zA-Z0-9]{0,60}$/.test(option.key))
        fault(`${object.key}.${field.key}: the option ${option.key} is not a key.`, field.key);
    const target = targetOf(field);
    if (target !== null && !objects.has(target)) fault(`${object.key}.${field.key} leads to the unknown object ${target}.`, field.key);
    if (type.storage === 'inverse') {
      const by = objects.get(String(field.with.of))?.fields.get(String(field.with.by));
      if (!by || targetOf(by) !== object.key)
        fault(`${object.key}.${field.key}: ${String(field.with.of)}.${String(field.with.by)} does not point back.`, field.key);
    }
    if (type.storage === 'columns' && target !== null) pointing.set(target, [...(pointing.get(target) ?? []), { object, field }]);
  }
}
