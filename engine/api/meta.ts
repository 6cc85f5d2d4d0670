import { mayReadField, mayWriteField } from '#engine/access/policy.ts';
import type { Predicate } from '#engine/declare/condition.ts';
import type { BoundField } from '#engine/declare/field.ts';
import { fieldTypes, typeOf } from '#engine/declare/fields/index.ts';
import { optionsOf } from '#engine/declare/fields/select/select.ts';
import { SYSTEM_FIELDS, targetOf } from '#engine/declare/model.ts';
import type { FormSection, ModelObject } from '#engine/declare/object.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { bindContext, type Context, isBuilding } from '#engine/record/context.ts';
import { isPerigonError } from '#kit/errors.ts';

/** The declarations as a browser needs them, cut down to what the actor may read. */
export function describeModel(ctx: Context): unknown {
  const objects = [...ctx.model.objects.values()].filter((object) => ctx.actor.rights.scope(object.key, 'read') !== 'none');
  return {
    version: ctx.model.version,
    words: ctx.model.words,
    objects: objects.map((object) => describeObject(ctx, object)),
    actions: [...ctx.model.actions.values()]
      .filter((action) => !action.object || ctx.actor.rights.scope(action.object, action.verb) !== 'none')
      .filter((action) => !action.fills || ctx.actor.rights.scope(action.fills, 'create') !== 'none')
      .map((action) => ({
        key: action.key,
        object: action.object ?? null,
        bulk: action.bulk === true,
        irreversible: action.irreversible === true,
        input: Object.entries(action.input).map(([key, field]) =>
          describeField({ ...field, key, column: key, table: action.key }, false, false),
        ),
      })),
    presets: ctx.model.presets
      .filter((preset) => ctx.actor.rights.scope(preset.mapping.object, 'create') !== 'none')
      .map((preset) => ({ key: preset.key, object: preset.mapping.object })),
    may: ['administer', 'import', 'export', 'undo', 'manageKeys'].filter((permission) => ctx.actor.rights.may(permission as 'import')),
  };
}

/** One object as a browser needs it. */
export function describeObject(ctx: Context, object: ModelObject): unknown {
  const may = (verb: 'create' | 'update' | 'delete') => !object.retired && ctx.actor.rights.scope(object.key, verb) !== 'none';
  const readable = (key: string) => {
    const field = object.fields.get(key.split('.')[0] ?? '');
    return field !== undefined && mayReadField(ctx.actor, object, field);
  };
  const form = (sections: readonly FormSection[]) =>
    sections.map((section) => ({
      ...section,
      fields: section.fields.filter(readable),
      ...(section.wide ? { wide: section.wide.filter(readable) } : {}),
    }));
  return {
    key: object.key,
    plural: object.plural,
    module: object.module,
    title: object.title,
    subtitle: object.subtitle && readable(object.subtitle) ? object.subtitle : null,
    ...(object.picture && readable(object.picture) ? { picture: object.picture } : {}),
    icon: object.icon,
    party: object.party ?? null,
    owner: object.owner ?? null,
    ...(object.span && readable(object.span.from) && readable(object.span.to) ? { span: object.span } : {}),
    quiet: object.quiet === true,
    ...(object.about ? { about: true } : {}),
    ...(object.retired ? { retired: true } : {}),
    ...(object.duplicates ? { duplicates: true, comparesAll: may('update') && ctx.actor.rights.scope(object.key, 'read') === 'all' } : {}),
    verbs: { create: may('create'), update: may('update'), delete: may('delete') },
    fields: [...object.fields.values()]
      .filter((field) => mayReadField(ctx.actor, object, field))
      .map((field) => describeField(field, !mayWriteField(ctx.actor, object, field), isBuilding(ctx, object, field))),
    list: { columns: object.list.columns.filter(readable), sort: object.list.sort },
    ...(object.views ? { views: object.views.filter(({ where }) => askable(ctx, object, where)) } : {}),
    form: form(object.form),
    ...(object.variants
      ? {
          variants: {
            field: object.variants.field,
            forms: Object.fromEntries(Object.entries(object.variants.forms).map(([key, sections]) => [key, form(sections)])),
          },
        }
      : {}),
  };
}

/** Whether the actor may ask this of an object: a condition over what they may not read is not told. */
function askable(ctx: Context, object: ModelObject, where: Predicate): boolean {
  try {
    bindPredicate(bindContext(ctx), object, where);
    return true;
  } catch (problem) {
    if (!isPerigonError(problem)) throw problem;
    return false;
  }
}

function describeField(field: BoundField, locked: boolean, building: boolean): unknown {
  const type = fieldTypes.has(field.type) ? typeOf(field) : undefined;
  const target = targetOf(field);
  return {
    key: field.key,
    type: field.type,
    required: field.required === true,
    ...(field.requiredWhen ? { requiredWhen: field.requiredWhen } : {}),
    ...(field.shownWhen ? { shownWhen: field.shownWhen } : {}),
    ...(field.retired ? { retired: true, hidden: true } : {}),
    readOnly: locked || field.readOnly === true || SYSTEM_FIELDS.includes(field.key) || type?.storage === 'inverse',
    sortable: type?.sortable === true && !building,
    filterable: (type?.operators.length ?? 0) > 0 && !building,
    operators: type?.operators ?? [],
    aggregates: building ? [] : (type?.aggregates ?? []),
    // Who writes it: a figure is reckoned, and nothing can be asked of it before it was for every record.
    ...(field.derived ? { derived: field.derived.kind } : {}),
    ...(field.derived?.kind === 'formula' ? { expression: field.derived.with.expression } : {}),
    ...(building ? { building: true } : {}),
    ...(type?.parts ? { parts: Object.keys(type.parts) } : {}),
    ...(field.default !== undefined ? { default: field.default } : {}),
    ...(field.with.many === true ? { many: true } : {}),
    ...type?.client?.(field),
    ...(field.type === 'select' || field.type === 'multiSelect' ? { options: optionsOf(field) } : {}),
    ...(typeof field.with.optionsOf === 'string' ? { optionsOf: field.with.optionsOf } : {}),
    ...(target ? { to: target } : {}),
    ...(typeof field.with.by === 'string' ? { by: field.with.by } : {}),
    ...(Array.isArray(field.with.roles) ? { roles: field.with.roles } : {}),
  };
}
