import { requireVerb } from '#engine/access/policy.ts';
import type { ActionDeclaration, InputOf } from '#engine/declare/action.ts';
import { FieldProblem } from '#engine/declare/field.ts';
import { fieldTypes } from '#engine/declare/fields/index.ts';
import { invalid, type Problem } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { Json } from '#kit/json.ts';
import type { Context, Values } from './context.ts';

/** An action with what it does. `ids` are the records it acts on, empty where the action has no object. */
export interface Action<D extends ActionDeclaration = ActionDeclaration> {
  declaration: D;
  run(ctx: Context, input: Values, ids: readonly string[]): Promise<Json>;
}

/** Binds a declaration to what it does, with its input typed. */
export function runAction<D extends ActionDeclaration>(
  declaration: D,
  run: (ctx: Context, input: InputOf<D>, ids: readonly string[]) => Promise<Json>,
): Action {
  return { declaration, run: (ctx, input, ids) => run(ctx, input as InputOf<D>, ids) };
}

/** Reads the body of an action call: its input by the declared fields, and the ids. */
export function readActionInput(ctx: Context, action: Action, body: unknown): { input: Values; ids: string[] } {
  const { declaration } = action;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('Expected an object.');
  const given = body as Record<string, unknown>;
  const problems: Problem[] = [];
  const input: Values = {};
  for (const key of Object.keys(given))
    if (key !== 'ids' && !(key in declaration.input))
      problems.push({ path: key, code: 'unknownField', detail: `${declaration.key} takes no “${key.slice(0, 60)}”.` });
  for (const [key, field] of Object.entries(declaration.input)) {
    const value = given[key] ?? field.default ?? null;
    const bound = { ...field, key, column: key, table: declaration.key };
    if (value === null) {
      if (field.required) problems.push({ path: key, code: 'required', detail: 'A value is needed.' });
      input[key] = null;
      continue;
    }
    try {
      input[key] = fieldTypes.get(field.type)?.parse(value, bound, ctx.env) ?? null;
    } catch (problem) {
      if (!(problem instanceof FieldProblem)) throw problem;
      problems.push({ path: problem.part ? `${key}.${problem.part}` : key, code: problem.code, detail: problem.message });
    }
  }
  const ids = given.ids ?? [];
  if (!Array.isArray(ids) || !ids.every(isId) || ids.length > 10_000)
    problems.push({ path: 'ids', code: 'type', detail: 'Expected up to 10,000 ids.' });
  else if (declaration.object && ids.length === 0) problems.push({ path: 'ids', code: 'required', detail: 'Which records?' });
  if (problems.length > 0) throw invalid('The input cannot be accepted.', problems);
  if (declaration.object) requireVerb(ctx.actor, ctx.model.object(declaration.object), declaration.verb);
  if (declaration.fills) requireVerb(ctx.actor, ctx.model.object(declaration.fills), 'create');
  return { input, ids: ids as string[] };
}
