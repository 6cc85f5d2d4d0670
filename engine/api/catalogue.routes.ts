import { z } from 'zod';
import { type CataloguePlace, changeCatalogue, describeCatalogue, readChanges, undoChange } from '#engine/catalogue/catalogue.ts';
import { changeField, changeLayout, changeObject, newField, newObject } from '#engine/catalogue/edits.ts';
import { FieldChange, LayoutChange, NewField, NewObject, ObjectChange, TriedFormula } from '#engine/catalogue/shape.ts';
import { tryFormula } from '#engine/catalogue/try-formula.ts';
import { describeObject } from './meta.ts';
import { type Call, type Route, requirePermission } from './route.ts';

const CHANGED = { type: 'object', properties: { version: { type: 'integer' }, object: { type: 'object' } }, required: ['version'] };

/** What a company declares itself: objects, fields, options, words and layouts, for administrators. */
export function catalogueRoutes(place: CataloguePlace): readonly Route[] {
  /** The object as it is from now on, in the shape of `GET /meta`. */
  const answer = async (call: Call, key: string, change: Parameters<typeof changeCatalogue>[2]) => {
    const model = await changeCatalogue(place, call.ctx, change);
    const object = model.objects.get(key);
    return { version: model.version, object: object ? describeObject({ ...call.ctx, model }, object) : null };
  };
  return [
    {
      method: 'GET',
      path: '/api/v1/catalogue',
      tag: 'catalogue',
      summary: 'Objects and fields with all that can be changed about them',
      answer: { type: 'object' },
      handler: async ({ ctx }) => ({ value: await describeCatalogue(place, ctx) }),
    },
    {
      method: 'POST',
      path: '/api/v1/catalogue/objects',
      tag: 'catalogue',
      summary: 'Make an object',
      status: 201,
      body: NewObject,
      answer: CHANGED,
      handler: async (call) => {
        requirePermission(call.ctx, 'administer');
        let key = '';
        const value = await answer(call, '', (held) => {
          const made = newObject(held, call.body);
          key = made.key;
          return made.edits;
        });
        const model = place.models.current;
        return { status: 201, value: { ...value, object: describeObject({ ...call.ctx, model }, model.object(key)) } };
      },
    },
    {
      method: 'PATCH',
      path: '/api/v1/catalogue/objects/{object}',
      tag: 'catalogue',
      summary: 'Rename, retire or bring back an object',
      body: ObjectChange,
      answer: CHANGED,
      handler: async (call) => ({
        value: await answer(call, call.params.object ?? '', (held) => changeObject(held, call.params.object ?? '', call.body)),
      }),
    },
    {
      method: 'POST',
      path: '/api/v1/catalogue/objects/{object}/fields',
      tag: 'catalogue',
      summary: 'Make a field',
      status: 201,
      body: NewField,
      answer: CHANGED,
      handler: async (call) => {
        const { object = '' } = call.params;
        let key = '';
        const value = await answer(call, object, (held) => {
          const made = newField(held, object, call.body);
          key = made.key;
          return made.edits;
        });
        return { status: 201, value: { ...value, key } };
      },
    },
    {
      method: 'PATCH',
      path: '/api/v1/catalogue/objects/{object}/fields/{field}',
      tag: 'catalogue',
      summary: 'Change words, options and conditions of a field, retire it or bring it back',
      body: FieldChange,
      answer: CHANGED,
      handler: async (call) => {
        const { object = '', field = '' } = call.params;
        return { value: await answer(call, object, (held) => changeField(held, object, field, call.body)) };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/catalogue/objects/{object}/formula',
      tag: 'catalogue',
      reads: true,
      summary: 'Try a formula: its type, what is wrong and where, its value for the latest records',
      body: TriedFormula,
      answer: { type: 'object' },
      handler: async ({ ctx, params, body }) => ({
        value: await tryFormula(ctx, params.object ?? '', body as z.infer<typeof TriedFormula>),
      }),
    },
    {
      method: 'PUT',
      path: '/api/v1/catalogue/objects/{object}/layout',
      tag: 'catalogue',
      summary: 'Arrange forms and list columns; an empty arrangement gives the declared one back',
      body: LayoutChange,
      answer: CHANGED,
      handler: async (call) => {
        const { object = '' } = call.params;
        return { value: await answer(call, object, (held) => changeLayout(held, object, call.body)) };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/catalogue/changes',
      tag: 'catalogue',
      summary: 'What was changed about objects and fields, newest first',
      query: z.looseObject({
        before: z.coerce.number().int().optional(),
        limit: z.coerce.number().int().min(1).max(200).optional(),
      }),
      answer: { type: 'object' },
      handler: async ({ ctx, query }) => ({
        value: await readChanges(ctx, (query.before as number | undefined) ?? null, (query.limit as number | undefined) ?? 50),
      }),
    },
    {
      method: 'POST',
      path: '/api/v1/catalogue/changes/{version}/undo',
      tag: 'catalogue',
      summary: 'Take a change back; what it made is retired',
      answer: CHANGED,
      handler: async ({ ctx, params }) => {
        requirePermission(ctx, 'administer');
        return { value: { version: (await undoChange(place, ctx, Number(params.version) || 0)).version } };
      },
    },
  ];
}
