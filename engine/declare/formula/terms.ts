import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js';
import Big from 'big.js';
import { type BoundField, FieldProblem } from '../field.ts';
import { currencyCode } from '../fields/currency/currency.ts';
import { instant } from '../fields/date-time/date-time.ts';
import { isoSeconds } from '../fields/duration/duration.ts';
import { typeOf } from '../fields/index.ts';
import { optionsOf } from '../fields/select/select.ts';
import type { ModelObject } from '../object.ts';
import { type Objects, type ResolvedPath, resolvePath } from '../path.ts';
import { CONVERT, FUNCTIONS, OPERATIONS, type Operation, RATE_DAY } from './operations.ts';
import type { Kind, Value } from './values.ts';

/**
 * An expression read and held against the model: every name is a field, every operation is one that there is. What the two
 * readings (`readings.ts`) go by. The grammar is CEL's, read by a library; what the words mean is Perigon's.
 */
export type Term =
  | { op: 'value'; kind: Kind; value: Value }
  | { op: 'read'; kind: Kind; path: ResolvedPath }
  | { op: 'apply'; kind: Kind; operation: Operation; of: Term[] }
  | { op: 'choose'; kind: Kind; of: [Term, Term, Term] }
  | { op: 'first'; kind: Kind; of: Term[] }
  | { op: 'least' | 'greatest'; kind: Kind; of: Term[] }
  | { op: 'has'; kind: Kind; of: [Term] };

export const FORMULA_FAULTS = [
  'empty',
  'tooLong',
  'syntax',
  'unknownField',
  'toMany',
  'notReckoned',
  'unknownFunction',
  'operands',
  'branches',
  'condition',
  'unknownOption',
  'literal',
  'rateDay',
  'notSupported',
  'outcome',
  'circle',
  'broken',
  'retired',
] as const;
export type FormulaFault = (typeof FORMULA_FAULTS)[number];

/** Why an expression cannot be used: a code with its values for words in any language, and where in it. */
export class FormulaProblem extends Error {
  constructor(
    readonly code: FormulaFault,
    message: string,
    readonly start: number,
    readonly end: number,
    readonly values: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** Longest expression in characters. */
export const MAX_EXPRESSION = 2000;
const GRAMMAR = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: 300, maxDepth: 30, maxListElements: 100, maxMapEntries: 1, maxCallArguments: 20 },
});

/** What reading an expression gives. */
export interface Read {
  term: Term;
  /** Every path it looks at. */
  paths: readonly ResolvedPath[];
}

/** Formulas that an expression comes upon. */
export interface Formulas {
  /** Told of each, so that it is resolved before it is read. */
  ready(object: ModelObject, field: BoundField): void;
  /** What a resolved one is made of. */
  term(field: BoundField): Term | undefined;
}

/** Reads an expression over an object; throws a FormulaProblem. */
export function readExpression(model: Objects, object: ModelObject, expression: string, formulas: Formulas): Read {
  if (expression.trim() === '') throw new FormulaProblem('empty', 'A formula needs an expression.', 0, 0);
  if (expression.length > MAX_EXPRESSION)
    throw new FormulaProblem('tooLong', `A formula has ${MAX_EXPRESSION} characters at most.`, MAX_EXPRESSION, expression.length);
  const paths: ResolvedPath[] = [];
  const checker = { model, object, expression, formulas, paths };
  return { term: termOf(parsed(expression), checker), paths };
}

function parsed(expression: string): ASTNode {
  try {
    return GRAMMAR.parse(expression).ast;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { start = 0, end = expression.length } = error.range ?? {};
    throw new FormulaProblem('syntax', `This cannot be read: ${error.summary}.`, start, end, { summary: error.summary });
  }
}

interface Checker {
  model: Objects;
  object: ModelObject;
  expression: string;
  formulas: Formulas;
  paths: ResolvedPath[];
}

const problem = (code: FormulaFault, node: ASTNode, message: string, values: Record<string, string> = {}) =>
  new FormulaProblem(code, message, node.start, node.end, values);

function termOf(node: ASTNode, c: Checker): Term {
  switch (node.op) {
    case 'value':
      return literal(node, c);
    case 'id':
    case '.':
      return read(node, c);
    case '?:': {
      const [condition, yes, no] = node.args;
      const judged = boolean(condition, c);
      const [kind, [a, b]] = unified(node, [termOf(yes, c), termOf(no, c)]);
      return { op: 'choose', kind, of: [judged, a as Term, b as Term] };
    }
    case '!_':
    case '-_':
      return applied(node.op, node, OPERATIONS[node.op] ?? [], [termOf(node.args, c)]);
    case 'in': {
      const [item, list] = node.args;
      if (list.op !== 'list' || list.args.length === 0)
        throw problem('notSupported', list, 'Behind “in” stands a list of values, as ["a", "b"].', { what: 'in' });
      const of = termOf(item, c);
      return list.args
        .map((one) => equal('==', node, of, termOf(one, c), item))
        .reduce((a, b) => applied('||', node, OPERATIONS['||'] ?? [], [a, b]));
    }
    case '==':
    case '!=': {
      const [a, b] = node.args;
      return equal(node.op, node, termOf(a, c), termOf(b, c), a);
    }
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '&&':
    case '||':
      return applied(
        node.op,
        node,
        OPERATIONS[node.op] ?? [],
        node.args.map((arg) => termOf(arg, c)),
      );
    case 'call':
      return called(node.args[0], node.args[1], node, c);
    // `name.contains("x")` is `contains(name, "x")`.
    case 'rcall':
      return called(node.args[0], [node.args[1], ...node.args[2]], node, c);
    default:
      throw problem('notSupported', node, 'This is not available in formulas.', { what: node.op });
  }
}

function literal(node: ASTNode & { op: 'value' }, c: Checker): Term {
  const { args: value } = node;
  if (value === null) return { op: 'value', kind: 'nothing', value: null };
  if (typeof value === 'boolean') return { op: 'value', kind: 'boolean', value };
  if (typeof value === 'bigint' || typeof value === 'number') {
    // Its digits as they stand, not what a float makes of them.
    const number = new Big(typeof value === 'bigint' ? value.toString() : c.expression.slice(node.start, node.end));
    if (number.abs().gt(1e18) || number.round(18).cmp(number) !== 0)
      throw problem('literal', node, 'This number has too many digits.', {
        text: c.expression.slice(node.start, node.end),
        kind: 'number',
      });
    return { op: 'value', kind: typeof value === 'bigint' ? 'whole' : 'number', value: number };
  }
  if (typeof value === 'string') {
    const text = value.normalize('NFC');
    if (/\p{Cc}/u.test(text) || !text.isWellFormed()) throw problem('literal', node, 'A text has no control characters.', { text: '' });
    return { op: 'value', kind: 'text', value: text };
  }
  throw problem('notSupported', node, 'This kind of value is not available in formulas.', { what: 'bytes' });
}

/** The dotted path that a chain of names spells; null for anything else. */
function dotted(node: ASTNode): string | null {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return null;
  const before = dotted(node.args[0]);
  return before === null ? null : `${before}.${node.args[1]}`;
}

function read(node: ASTNode, c: Checker): Term {
  const spelled = dotted(node);
  if (spelled === null) throw problem('notSupported', node, 'A name stands behind a field only.', { what: '.' });
  const follow = () => resolvePath({ model: c.model, readable: () => true }, c.object, spelled);
  let path = follow();
  if (path?.field.type === 'formula') {
    c.formulas.ready(path.object, path.field);
    path = follow();
    if (path?.field.type === 'formula')
      throw problem('broken', node, `“${spelled}” is a formula that is not right itself.`, { path: spelled });
  }
  if (!path)
    throw problem('unknownField', node, `${c.object.key} has no field “${spelled.slice(0, 80)}”.`, { path: spelled, object: c.object.key });
  const kind = kindOf(path);
  if (kind === null) {
    const many = typeOf(path.field).storage === 'inverse' || typeOf(path.field).storage === 'link';
    throw many
      ? problem('toMany', node, `“${spelled}” is many records: let a roll-up count or sum them first.`, { path: spelled })
      : problem('notReckoned', node, `“${spelled}” holds nothing that formulas can reckon with.`, { path: spelled });
  }
  c.paths.push(path);
  return { op: 'read', kind, path };
}

/** As what formulas take the values at the end of a path; null for what they cannot take. */
export function kindOf(path: Pick<ResolvedPath, 'field' | 'part' | 'shape'>): Kind | null {
  const { field, part, shape } = path;
  const type = typeOf(field);
  if (part === null && type.reckons !== undefined) return type.reckons;
  if (!shape || shape.many || !['columns', 'figure', 'formula'].includes(type.storage)) return null;
  if (shape.kind === 'number') return shape.whole === true && part === null ? 'whole' : 'number';
  return shape.kind === 'uuid' ? 'id' : shape.kind;
}

function boolean(node: ASTNode, c: Checker): Term {
  const term = termOf(node, c);
  if (term.kind !== 'boolean')
    throw problem('condition', node, `A condition is yes or no; this is ${NAMES[term.kind]}.`, { kind: term.kind });
  return term;
}

/** How kinds are called in messages. */
const NAMES: Record<Kind, string> = {
  whole: 'a whole number',
  number: 'a number',
  money: 'an amount of money',
  text: 'a text',
  key: 'an option',
  boolean: 'yes or no',
  date: 'a date',
  instant: 'a moment',
  duration: 'a duration',
  id: 'a record',
  nothing: 'nothing',
};

/** What a kind may stand for where another is asked. */
const wider = (kind: Kind, asked: Kind): boolean => (kind === 'whole' && asked === 'number') || (kind === 'key' && asked === 'text');

function applied(name: string, node: ASTNode, overloads: readonly Operation[], of: Term[]): Term {
  let best: { operation: Operation; cost: number } | undefined;
  for (const operation of overloads) {
    if (operation.takes.length !== of.length) continue;
    const costs = operation.takes.map((kind, i) =>
      of[i]?.kind === kind ? 0 : of[i] && wider(of[i].kind, kind) ? 1 : Number.POSITIVE_INFINITY,
    );
    const cost = costs.reduce((sum, one) => sum + one, 0);
    if (cost < (best?.cost ?? Number.POSITIVE_INFINITY)) best = { operation, cost };
  }
  if (!best) {
    const kinds = of.map((term) => NAMES[term.kind]).join(', ');
    throw problem('operands', node, `“${name.replace('_', '')}” does not take ${kinds === '' ? 'nothing' : kinds}.`, {
      name: name.replace('_', ''),
      kinds: of.map((term) => term.kind).join(),
    });
  }
  return { op: 'apply', kind: best.operation.gives, operation: best.operation, of };
}

/** Whether two are the same. `x == null` asks whether there is none; an option is held against its key. */
function equal(name: '==' | '!=', node: ASTNode, a: Term, b: Term, at: ASTNode): Term {
  if (a.kind === 'nothing' || b.kind === 'nothing') {
    const has: Term = { op: 'has', kind: 'boolean', of: [a.kind === 'nothing' ? b : a] };
    return name === '!=' ? has : applied('!_', node, OPERATIONS['!_'] ?? [], [has]);
  }
  const [left, right] = [asKey(a, b, at), asKey(b, a, node)];
  return applied(name, node, OPERATIONS[name] ?? [], [left, right]);
}

/** A written text that is held against an option, as the key it means. */
function asKey(term: Term, other: Term, at: ASTNode): Term {
  if (term.op !== 'value' || term.kind !== 'text' || other.kind !== 'key') return term;
  const wrong = other.op === 'read' && other.path.part === null ? unknownOption(other.path.field, String(term.value), at) : null;
  if (wrong) throw wrong;
  return { ...term, kind: 'key' };
}

/** What is wrong with a written text as an option of a field that has options; null where nothing is. */
export function unknownOption(field: BoundField, text: string, at: { start: number; end: number }): FormulaProblem | null {
  const options = optionsOf(field).map((option) => option.key);
  if (options.length === 0 || options.includes(text)) return null;
  const told = options.join(', ');
  return new FormulaProblem('unknownOption', `“${text}” is not one of: ${told}.`, at.start, at.end, { text, options: told });
}

/** Terms brought to one kind. */
function unified(node: ASTNode, terms: Term[]): [Kind, Term[]] {
  const kinds = new Set(terms.map((term) => term.kind).filter((kind) => kind !== 'nothing'));
  const all = (...of: Kind[]) => [...kinds].every((kind) => of.includes(kind));
  const kind: Kind | undefined =
    kinds.size <= 1 ? ([...kinds][0] ?? 'nothing') : all('whole', 'number') ? 'number' : all('key', 'text') ? 'text' : undefined;
  if (kind === undefined)
    throw problem('branches', node, `These must be of one kind: ${terms.map((term) => NAMES[term.kind]).join(', ')}.`, {
      kinds: terms.map((term) => term.kind).join(),
    });
  return [
    kind,
    terms.map((term) =>
      term.kind === 'nothing' && kind !== 'nothing' ? { op: 'value', kind, value: kind === 'boolean' ? false : null } : term,
    ),
  ];
}

/** Functions that take any kind, and those that make a value of a written text. */
function called(name: string, args: readonly ASTNode[], node: ASTNode, c: Checker): Term {
  const [first] = args;
  if (name in LITERALS && args.length === 1 && first?.op === 'value' && typeof first.args === 'string')
    return written(name, first.args, first);
  const of = args.map((arg) => termOf(arg, c));
  const [only] = of;
  switch (name) {
    case 'has':
      if (!only || of.length !== 1) throw problem('operands', node, '“has” takes one value.', { name, kinds: '' });
      return { op: 'has', kind: 'boolean', of: [only] };
    case 'coalesce': {
      if (of.length === 0) throw problem('operands', node, '“coalesce” takes values.', { name, kinds: '' });
      const [kind, terms] = unified(node, of);
      return { op: 'first', kind, of: terms };
    }
    case 'convert':
      return converted(of, args, node, c);
    case 'min':
    case 'max': {
      const [kind, terms] = unified(node, of);
      if (of.length === 0 || !ORDERED.has(kind))
        throw problem('operands', node, `“${name}” does not take ${of.map((term) => NAMES[term.kind]).join(', ')}.`, {
          name,
          kinds: of.map((term) => term.kind).join(),
        });
      return { op: name === 'min' ? 'least' : 'greatest', kind, of: terms };
    }
  }
  const overloads = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!overloads) throw problem('unknownFunction', node, `There is no function “${name}”.`, { name });
  return applied(name, node, overloads, of);
}

/** `convert(amount, "USD", day)`; without a day by the rates that decide what the amount is in base currency. */
function converted(of: readonly Term[], args: readonly ASTNode[], node: ASTNode, c: Checker): Term {
  const [money, currency, day] = of;
  const [, at] = args;
  if (!money || !currency || !at || of.length > 3) return applied('convert', node, CONVERT, [...of]);
  const wanted: Term = currency.op === 'value' && currency.kind === 'text' ? { ...currency, kind: 'key' } : currency;
  if (wanted.op === 'value' && !isCurrency(wanted.value))
    throw problem('literal', at, `“${String(wanted.value)}” is no currency, as EUR is one.`, { text: String(wanted.value), kind: 'key' });
  return applied('convert', node, CONVERT, [money, wanted, day ?? dayOfRates(money, node, c)]);
}

function isCurrency(value: Value): boolean {
  try {
    return currencyCode(value, '') === value;
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    return false;
  }
}

/** The day whose rates decide the amounts that a term is made of: one field of the record, or the day it was made. */
function dayOfRates(money: Term, node: ASTNode, c: Checker): Term {
  const days = new Set(amountsIn(money, [], c));
  const [way] = days;
  if (way === undefined || way === null || days.size > 1)
    throw problem('rateDay', node, 'Say by the rates of which day, as convert(amount, "USD", today()).');
  const read = (dotted: string): Term => {
    const path = resolvePath({ model: c.model, readable: () => true }, c.object, dotted);
    const kind = path && kindOf(path);
    if (!path || (kind !== 'date' && kind !== 'instant'))
      throw problem('unknownField', node, `There is no day “${dotted}”.`, { path: dotted, object: c.object.key });
    c.paths.push(path);
    const term: Term = { op: 'read', kind, path };
    return kind === 'date' ? term : applied('date', node, RATE_DAY, [term]);
  };
  const made = `${way.slice(0, way.lastIndexOf('.') + 1)}createdAt`;
  return way === made ? read(made) : { op: 'first', kind: 'date', of: [read(way), read(made)] };
}

/** Ways to the day of each amount that a term is made of; null where there is none. */
function amountsIn(term: Term, before: readonly string[], c: Checker): (string | null)[] {
  if (term.op === 'value') return [];
  if (term.op !== 'read') return term.of.flatMap((one) => (one.kind === 'money' ? amountsIn(one, before, c) : []));
  const { steps, field } = term.path;
  const way = [...before, ...steps.map((step) => step.field.key)];
  const inner = c.formulas.term(field);
  if (inner) return amountsIn(inner, way, c);
  if (field.with.base === true) return [null];
  return [[...way, typeof field.with.rateOn === 'string' ? field.with.rateOn : 'createdAt'].join('.')];
}

const ORDERED: ReadonlySet<Kind> = new Set(['whole', 'number', 'money', 'date', 'instant', 'duration']);

/** `date("2026-01-31")`, `timestamp("2026-01-31T09:30:00Z")`, `duration("PT1H30M")`. */
const LITERALS: Readonly<Record<string, { kind: Kind; read(text: string): Value }>> = {
  date: { kind: 'date', read: (text) => (/^\d{4}-\d{2}-\d{2}$/.test(text) ? instant(`${text}T00:00:00Z`).slice(0, 10) : null) },
  timestamp: { kind: 'instant', read: (text) => instant(text) },
  duration: {
    kind: 'duration',
    read: (text) => {
      const seconds = isoSeconds(text);
      return seconds === null ? null : new Big(seconds);
    },
  },
};
/** Names of all functions: what an editor offers. */
export const FUNCTION_NAMES: readonly string[] = [
  ...new Set([...Object.keys(FUNCTIONS), ...Object.keys(LITERALS), 'has', 'coalesce', 'min', 'max', 'convert']),
].sort();

function written(name: string, text: string, node: ASTNode): Term {
  let value: Value = null;
  try {
    value = LITERALS[name]?.read(text) ?? null;
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
  }
  const held = LITERALS[name];
  // What JavaScript rolls over (31 February) is no date either.
  if (value === null || !held || (held.kind === 'date' && value !== text))
    throw problem('literal', node, `“${text.slice(0, 40)}” is not ${NAMES[held?.kind ?? 'text']}.`, { text, kind: held?.kind ?? 'text' });
  return { op: 'value', kind: held.kind, value };
}
