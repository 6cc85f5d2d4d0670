import { addDays, isAnchor, isOffset, type RelativeDate, relativeDate, relativeInstant, startOfDate } from '#kit/calendar.ts';
import { invalid, type Problem } from '#kit/errors.ts';
import { compareFolded, fold } from '#kit/fold.ts';
import { isObject } from '#kit/json.ts';
import { type BoundField, FieldProblem, OPERATORS, type Operator, type Scalar, type Shape, type ValueEnv } from './field.ts';
import { typeOf } from './fields/index.ts';
import { idOf } from './fields/reference/reference.ts';
import { evaluate, formulaOf } from './formula/readings.ts';
import type { Model } from './model.ts';
import type { ModelObject } from './object.ts';
import { follow, type RecordGraph, resolvePath, type Step } from './path.ts';
import { targetOf } from './target-of.ts';

export { type RecordGraph, type ResolvedPath, resolvePath, type Step } from './path.ts';

/** A bound predicate: fields resolved, operands read. */
export type Bound =
  | { kind: 'all' | 'any' | 'none'; of: Bound[] }
  | {
      kind: 'leaf';
      steps: Step[];
      object: ModelObject;
      field: BoundField;
      shape: Shape;
      op: PositiveOperator;
      negated: boolean;
      operands: Operand[];
      /** The field's value in the record that holds it; a formula's is reckoned. */
      value(holder: Record<string, unknown>, graph: RecordGraph): unknown;
    }
  | {
      kind: 'count';
      steps: Step[];
      object: ModelObject;
      field: BoundField;
      far: ModelObject;
      where: Bound | null;
      role: string | null;
      op: PositiveOperator;
      negated: boolean;
      numbers: number[];
    };

export type PositiveOperator = Exclude<Operator, 'ne' | 'notIn' | 'isEmpty'>;
/** A read operand. An instant given as a calendar date means that whole day in the company's zone. */
export type Operand = { value: Scalar } | { from: string; to: string };

const NEGATIVE: { [op in Operator]?: PositiveOperator } = { ne: 'eq', notIn: 'in', isEmpty: 'isNotEmpty' };
const MAX_DEPTH = 12;
const MAX_LEAVES = 200;
const MAX_LIST = 10_000;

export interface BindContext {
  model: Model;
  env: ValueEnv;
  /** Whether the actor may know a field; an unknown and a hidden field are refused alike. */
  readable(object: ModelObject, field: BoundField): boolean;
  /** Whether the field is a figure that is still being reckoned for the records that are there: nothing can be asked of it yet. */
  building?(object: ModelObject, field: BoundField): boolean;
}

/** Binds a predicate to an object; throws `invalid` with every problem and its path. */
export function bindPredicate(ctx: BindContext, object: ModelObject, input: unknown, at = 'where'): Bound {
  const problems: Problem[] = [];
  let leaves = 0;
  const refuse = (path: string, code: string, detail: string): Bound => {
    problems.push({ path, code, detail });
    return { kind: 'all', of: [] };
  };
  const bind = (node: unknown, current: ModelObject, path: string, depth: number): Bound => {
    if (!isObject(node)) return refuse(path, 'type', 'Expected a condition.');
    if (depth > MAX_DEPTH || ++leaves > MAX_LEAVES) return refuse(path, 'tooDeep', `At most ${MAX_LEAVES} conditions, ${MAX_DEPTH} deep.`);
    for (const kind of ['all', 'any', 'none'] as const) {
      if (!(kind in node)) continue;
      const list = node[kind];
      if (!Array.isArray(list) || Object.keys(node).length > 1)
        return refuse(`${path}.${kind}`, 'type', `“${kind}” takes a list of conditions and nothing beside it.`);
      return { kind, of: list.map((item, i) => bind(item, current, `${path}.${kind}.${i}`, depth + 1)) };
    }
    if (typeof node.count === 'string') return bindCount(node, current, path, depth);
    if (typeof node.field !== 'string' || typeof node.op !== 'string')
      return refuse(path, 'type', 'A condition has “field” and “op”, or is a group: all, any, none, count.');
    return bindLeaf(node.field, node.op, node.value, current, path);
  };
  const bindLeaf = (dotted: string, opName: string, value: unknown, current: ModelObject, path: string): Bound => {
    const found = resolvePath(ctx, current, dotted);
    if (!found?.shape) return refuse(`${path}.field`, 'unknownField', `${current.key} has no field “${dotted.slice(0, 80)}” to compare.`);
    const { shape, field } = found;
    if (ctx.building?.(found.object, field)) return refuse(`${path}.field`, 'building', stillBuilding(dotted));
    const op = opName as Operator;
    const allowed = found.part ? PART_OPERATORS[shape.kind] : typeOf(field).operators;
    if (!(OPERATORS as readonly string[]).includes(op) || !allowed.includes(op))
      return refuse(`${path}.op`, 'operator', `“${opName.slice(0, 20)}” does not apply to ${dotted}: use ${allowed.join(', ')}.`);
    const formula = formulaOf(field);
    try {
      return {
        kind: 'leaf',
        value: (holder, graph) => (formula ? evaluate(formula, holder, graph, ctx.env) : holder[field.key]),
        steps: found.steps,
        object: found.object,
        field,
        shape,
        op: NEGATIVE[op] ?? (op as PositiveOperator),
        negated: op in NEGATIVE,
        operands: readOperands(op, value, shape, field, found.part !== null, ctx.env),
      };
    } catch (problem) {
      if (problem instanceof FieldProblem) return refuse(`${path}.value`, problem.code, problem.message);
      throw problem;
    }
  };
  const bindCount = (node: Record<string, unknown>, current: ModelObject, path: string, depth: number): Bound => {
    const found = resolvePath(ctx, current, String(node.count));
    const storage = found && typeOf(found.field).storage;
    if (!found || (storage !== 'inverse' && storage !== 'link'))
      return refuse(`${path}.count`, 'unknownField', `${current.key} has no relation “${String(node.count).slice(0, 80)}” to count.`);
    const far = ctx.model.object(targetOf(found.field) ?? '');
    const given = OPERATORS.filter((op) => op in node);
    const op = given[0] ?? 'gte';
    const raw = given.length === 0 ? 1 : node[op];
    const numbers = (Array.isArray(raw) ? raw : [raw]) as unknown[];
    if (
      given.length > 1 ||
      !COUNT_OPERATORS.includes(op) ||
      numbers.length === 0 ||
      !numbers.every((n) => typeof n === 'number' && Number.isInteger(n) && n >= 0) ||
      (op === 'between') !== (numbers.length === 2)
    ) {
      return refuse(path, 'operator', `A count compares with one of ${COUNT_OPERATORS.join(', ')} and whole numbers.`);
    }
    const unknown = Object.keys(node).find((key) => !['count', 'where', 'role', ...given].includes(key));
    if (unknown) return refuse(`${path}.${unknown}`, 'unknownField', `A count has no “${unknown.slice(0, 40)}”.`);
    return {
      kind: 'count',
      steps: found.steps,
      object: found.object,
      field: found.field,
      far,
      where: node.where === undefined ? null : bind(node.where, far, `${path}.where`, depth + 1),
      role: typeof node.role === 'string' ? node.role : null,
      op: NEGATIVE[op] ?? (op as PositiveOperator),
      negated: op in NEGATIVE,
      numbers: numbers as number[],
    };
  };
  const bound = bind(input, object, at, 0);
  if (problems.length > 0) throw invalid('The condition cannot be read.', problems);
  return bound;
}

const COUNT_OPERATORS: readonly Operator[] = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'between'];
const PART_OPERATORS: Record<Shape['kind'], readonly Operator[]> = {
  text: ['eq', 'ne', 'in', 'notIn', 'contains', 'startsWith', 'isEmpty', 'isNotEmpty'],
  key: ['eq', 'ne', 'in', 'notIn', 'isEmpty', 'isNotEmpty'],
  number: ['eq', 'ne', 'in', 'notIn', 'gt', 'gte', 'lt', 'lte', 'between', 'isEmpty', 'isNotEmpty'],
  boolean: ['eq', 'ne'],
  date: [],
  instant: [],
  uuid: ['eq', 'ne', 'in', 'notIn'],
};

/** What is said of a figure that is not ready. */
export const stillBuilding = (path: string): string =>
  `“${path.slice(0, 80)}” is being reckoned for the records that are there. Try again later.`;

function readOperands(op: Operator, value: unknown, shape: Shape, field: BoundField, isPart: boolean, env: ValueEnv): Operand[] {
  if (op === 'isEmpty' || op === 'isNotEmpty') return [];
  if (op === 'in' || op === 'notIn') {
    if (!Array.isArray(value)) throw new FieldProblem('type', 'Expected a list of values.');
    if (value.length > MAX_LIST) throw new FieldProblem('tooLong', `At most ${MAX_LIST} values.`);
    return value.map((item) => readOperand(item, shape, field, isPart, env));
  }
  if (op === 'between') {
    if (!Array.isArray(value) || value.length !== 2) throw new FieldProblem('type', 'Expected two values, from and to.');
    return value.map((item) => readOperand(item, shape, field, isPart, env));
  }
  if ((op === 'contains' || op === 'startsWith') && shape.kind === 'text') {
    if (typeof value !== 'string' || value === '') throw new FieldProblem('type', 'Expected some text.');
    return [{ value: fold(value.normalize('NFC')) }];
  }
  return [readOperand(value, shape, field, isPart, env)];
}

function readOperand(input: unknown, shape: Shape, field: BoundField, isPart: boolean, env: ValueEnv): Operand {
  if (input === null || input === undefined) throw new FieldProblem('required', 'A value is missing; ask for the empty with isEmpty.');
  if (shape.operand) return { value: shape.operand(input, field, env) };
  switch (shape.kind) {
    case 'number': {
      const raw = isObject(input) && 'amount' in input ? input.amount : input;
      const number = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
      if (typeof number !== 'number' || !Number.isFinite(number)) throw new FieldProblem('type', 'Expected a number.');
      return { value: number };
    }
    case 'date':
      if (isAnchor(input) || isOffset(input)) return { value: relativeDate(input as RelativeDate, env.now, env.timeZone) };
      return { value: typeOf(field).parse(input, field, env) as string };
    case 'instant': {
      if (input === 'now' || isOffset(input)) {
        const at = relativeInstant(input as RelativeDate, env.now, env.timeZone).toISOString();
        return { from: at, to: at };
      }
      if (isAnchor(input)) return wholeDay(relativeDate(input, env.now, env.timeZone), env.timeZone);
      if (typeof input === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(input)) return wholeDay(input, env.timeZone);
      const at = typeOf(field).parse(input, field, env) as string;
      return { from: at, to: at };
    }
    case 'text':
      return { value: fold(textOperand(input, shape, field, isPart, env)) };
    case 'uuid': {
      const id = idOf(input)?.toLowerCase();
      if (!id || !/^[0-9a-f-]{36}$/.test(id)) throw new FieldProblem('type', 'Expected the id of a record.');
      return { value: id };
    }
    case 'key': {
      if (typeof input !== 'string') throw new FieldProblem('type', 'Expected a key.');
      if (isPart || shape.many) return { value: input };
      return { value: shape.of(typeOf(field).parse(input, field, env), field) as string };
    }
    case 'boolean':
      if (typeof input !== 'boolean') throw new FieldProblem('type', 'Expected true or false.');
      return { value: input };
  }
}

function wholeDay(date: string, timeZone: string): Operand {
  try {
    return { from: startOfDate(date, timeZone).toISOString(), to: startOfDate(addDays(date, 1), timeZone).toISOString() };
  } catch {
    throw new FieldProblem('range', `There is no such date as “${date}”.`);
  }
}

/** What was typed, in the form the values have (a phone number normalised), or as it stands where it is not a whole value. */
function textOperand(input: unknown, shape: Shape, field: BoundField, isPart: boolean, env: ValueEnv): string {
  if (typeof input !== 'string' && !isObject(input)) throw new FieldProblem('type', 'Expected text.');
  if (!isPart && !(typeof input === 'string' && (field.type === 'text' || field.type === 'longText' || field.type === 'tags'))) {
    try {
      const parsed = typeOf(field).parse(input, field, env);
      const scalar = parsed === null ? null : shape.of(parsed, field);
      const first = Array.isArray(scalar) ? scalar[0] : scalar;
      if (typeof first === 'string') return first;
    } catch (problem) {
      if (!(problem instanceof FieldProblem)) throw problem;
    }
  }
  if (typeof input !== 'string') throw new FieldProblem('type', 'Expected text.');
  return input.normalize('NFC').trim();
}

/** Whether one record (wire values) meets a bound predicate. */
export function matches(bound: Bound, record: Record<string, unknown>, graph: RecordGraph): boolean {
  switch (bound.kind) {
    case 'all':
      return bound.of.every((item) => matches(item, record, graph));
    case 'any':
      return bound.of.some((item) => matches(item, record, graph));
    case 'none':
      return !bound.of.some((item) => matches(item, record, graph));
    case 'leaf': {
      const holder = follow(bound.steps, record, graph);
      return (holder !== null && leafMet(bound, bound.value(holder, graph))) !== bound.negated;
    }
    case 'count': {
      const holder = follow(bound.steps, record, graph);
      return (holder !== null && numberMet(bound.op, countOf(bound, holder, graph), bound.numbers)) !== bound.negated;
    }
  }
}

function countOf(bound: Extract<Bound, { kind: 'count' }>, record: Record<string, unknown>, graph: RecordGraph): number {
  const meets = (item: Record<string, unknown>) => bound.where === null || matches(bound.where, item, graph);
  if (typeOf(bound.field).storage === 'inverse')
    return graph.children(bound.far.key, String(bound.field.with.by), String(record.id)).filter(meets).length;
  const links = (record[bound.field.key] ?? []) as { id: string; role: string | null }[];
  return links.filter((link) => {
    const item = graph.get(bound.far.key, link.id);
    return item !== null && (bound.role === null || link.role === bound.role) && meets(item);
  }).length;
}

/** Whether a count meets its comparison. */
export function numberMet(op: PositiveOperator, n: number, [a = 0, b = 0]: readonly number[]): boolean {
  switch (op) {
    case 'eq':
      return n === a;
    case 'gt':
      return n > a;
    case 'gte':
      return n >= a;
    case 'lt':
      return n < a;
    case 'lte':
      return n <= a;
    case 'between':
      return n >= a && n <= b;
    default:
      return false;
  }
}

function leafMet(bound: Extract<Bound, { kind: 'leaf' }>, value: unknown): boolean {
  const scalar = value === null || value === undefined ? null : bound.shape.of(value, bound.field);
  if (Array.isArray(scalar)) {
    if (bound.op === 'isNotEmpty') return scalar.length > 0;
    return scalar.some((item) => scalarMet(bound.op === 'contains' && bound.shape.kind !== 'text' ? 'eq' : bound.op, item, bound));
  }
  return scalar !== null && (bound.op === 'isNotEmpty' || scalarMet(bound.op, scalar, bound));
}

function scalarMet(op: PositiveOperator, raw: Scalar, bound: Extract<Bound, { kind: 'leaf' }>): boolean {
  const { kind } = bound.shape;
  const value = kind === 'text' ? fold(String(raw)) : raw;
  const compare = (other: Scalar): number =>
    kind === 'number' || kind === 'boolean' ? Number(value) - Number(other) : compareFolded(String(value), String(other));
  const low = (operand: Operand) => ('value' in operand ? operand.value : operand.from);
  const equal = (operand: Operand) =>
    'value' in operand || operand.from === operand.to ? compare(low(operand)) === 0 : compare(operand.from) >= 0 && compare(operand.to) < 0;
  /** After the whole of the operand: past its end for a day, past it for a point. */
  const after = (operand: Operand) =>
    'value' in operand || operand.from === operand.to ? compare(low(operand)) > 0 : compare(operand.to) >= 0;
  const [first, second] = bound.operands;
  if (op === 'in') return bound.operands.some(equal);
  if (!first) return false;
  switch (op) {
    case 'eq':
      return equal(first);
    case 'gt':
      return after(first);
    case 'gte':
      return compare(low(first)) >= 0;
    case 'lt':
      return compare(low(first)) < 0;
    case 'lte':
      return !after(first);
    case 'between':
      return second !== undefined && compare(low(first)) >= 0 && !after(second);
    case 'contains':
      return kind === 'text' ? String(value).includes(String(low(first))) : compare(low(first)) === 0;
    case 'startsWith':
      return String(value).startsWith(String(low(first)));
    default:
      return false;
  }
}
