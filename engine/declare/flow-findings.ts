import { isAnchor, isOffset } from '#kit/calendar.ts';
import { isPerigonError } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import type { Predicate } from './condition.ts';
import { type BoundField, FieldProblem, type ValueEnv } from './field.ts';
import { typeOf } from './fields/index.ts';
import { optionsOf } from './fields/select/select.ts';
import { edgesOf, type FlowShape, type FlowValue, type People, placesOf, type Step, takesTime } from './flow.ts';
import type { Model } from './model.ts';
import { SYSTEM_FIELDS } from './model.ts';
import type { ModelObject } from './object.ts';
import { bindPredicate, type ResolvedPath, resolvePath } from './predicate.ts';
import { targetOf } from './target-of.ts';

/** What `flowFindings` calls what it finds; what conditions and values say of themselves comes under their own codes. */
export const FINDING_CODES = [
  'unknownObject',
  'unknownField',
  'unknownAction',
  'otherObject',
  'twoObjects',
  'nothing',
  'noStep',
  'tooMany',
  'unreachable',
  'endlessLoop',
  'required',
  'unexpected',
  'type',
  'range',
  'option',
  'readOnly',
  'twice',
  'ownOnly',
  'inactive',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/** Something wrong with a flow, at the step and the place in it; `step` null is the flow itself. A flow with any cannot be switched on. */
export interface Finding {
  step: string | null;
  path: string;
  code: string;
  detail: string;
}

type Add = (step: string | null, path: string, code: FindingCode, detail: string) => void;

/** Conditions and dates of a flow are checked in no place and at no time in particular. */
const NOWHERE: ValueEnv = { now: new Date(0), timeZone: 'UTC', country: 'US', baseCurrency: 'EUR' };
const MAX_STEPS = 200;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Everything that is wrong with a flow. Pure, so that the canvas shows it while one draws and the server holds to it. */
export function flowFindings(model: Model, shape: FlowShape, env: ValueEnv = NOWHERE): Finding[] {
  const findings: Finding[] = [];
  const add: Add = (step, path, code, detail) => findings.push({ step, path, code, detail });
  const object = model.objects.get(shape.object);
  if (!object || object.retired) {
    add(null, 'object', 'unknownObject', `There is no object “${shape.object.slice(0, 60)}”.`);
    return findings;
  }
  const check = new Check(model, env, add, (finding) => findings.push(finding));
  check.trigger(object, shape);
  if (shape.when) check.condition(null, 'when', object, shape.when);
  const ids = Object.keys(shape.steps);
  if (shape.start === null) add(null, 'start', 'nothing', 'Nothing happens yet: add a first step.');
  else if (!(shape.start in shape.steps)) add(null, 'start', 'noStep', 'The first step is not there.');
  if (ids.length > MAX_STEPS) add(null, 'steps', 'tooMany', `At most ${MAX_STEPS} steps.`);
  const objects = objectsOf(model, shape, add);
  for (const id of ids) {
    const step = shape.steps[id];
    if (!step) continue;
    for (const { edge, to } of edgesOf(step))
      if (to !== null && !(to in shape.steps)) add(id, edge, 'noStep', 'This leads to a step that is not there.');
    const of = objects.get(id);
    if (of === undefined) add(id, '', 'unreachable', 'No run gets here.');
    else check.step(id, of, step);
  }
  for (const id of circles(shape))
    add(id, '', 'endlessLoop', 'These steps lead back to themselves without a wait for some time in between.');
  return findings;
}

/** The object whose record each step is about; steps that no run reaches are missing. */
export function objectsOf(model: Model, shape: FlowShape, add: Add = () => undefined): Map<string, ModelObject> {
  const reached = new Map<string, ModelObject>();
  const object = model.objects.get(shape.object);
  const open: [string, ModelObject][] = object && shape.start !== null ? [[shape.start, object]] : [];
  for (let next = open.pop(); next; next = open.pop()) {
    const [id, of] = next;
    const step = shape.steps[id];
    if (!step) continue;
    const known = reached.get(id);
    if (known) {
      if (known !== of) add(id, '', 'twoObjects', 'This step is reached with records of two objects.');
      continue;
    }
    reached.set(id, of);
    for (const { edge, to } of edgesOf(step)) {
      if (to === null) continue;
      const over = edge === 'each' && step.do === 'loop' ? of.fields.get(step.over) : undefined;
      const far = edge === 'each' ? model.objects.get((over && targetOf(over)) ?? '') : of;
      if (far) open.push([to, far]);
    }
  }
  return reached;
}

/** Steps on a circle along which no time passes: the first found of each. */
function circles(shape: FlowShape): string[] {
  const found: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string) => {
    const step = shape.steps[id];
    if (!step || state.get(id) === 'done') return;
    if (state.get(id) === 'open') {
      found.push(id);
      return;
    }
    state.set(id, 'open');
    for (const { edge, to } of edgesOf(step)) if (to !== null && !takesTime(step, edge)) visit(to);
    state.set(id, 'done');
  };
  for (const id of Object.keys(shape.steps)) visit(id);
  return [...new Set(found)];
}

/** Types that any value with a text can be copied into. */
const TEXTS = new Set(['text', 'longText', 'richText']);
const NUMBERS = new Set(['integer', 'decimal', 'percent', 'rating']);

/** Whether the value at the end of a path fits into a field. */
function fits(target: BoundField, source: ResolvedPath): boolean {
  if (TEXTS.has(target.type)) return source.shape?.kind === 'text' || source.shape?.kind === 'key' || NUMBERS.has(source.field.type);
  if (source.part !== null) return target.type === source.shape?.kind;
  const leads = targetOf(target);
  if (leads !== null) return targetOf(source.field) === leads && typeOf(target).storage === typeOf(source.field).storage;
  // The id of the record itself is a reference to it.
  if (target.type === 'select' && source.field.type === 'select')
    return optionsOf(source.field).every(({ key }) => optionsOf(target).some((option) => option.key === key));
  if (NUMBERS.has(target.type) && NUMBERS.has(source.field.type)) return target.type === 'decimal' || target.type === source.field.type;
  return target.type === source.field.type;
}

/** A condition that asks nothing holds at once. */
const isNothing = (where: Predicate): boolean => 'all' in where && where.all.length === 0;

class Check {
  constructor(
    private readonly model: Model,
    private readonly env: ValueEnv,
    private readonly add: Add,
    /** What a condition or a value says of itself. */
    private readonly pass: (finding: Finding) => void,
  ) {}

  trigger(object: ModelObject, { trigger }: FlowShape): void {
    const say = (path: string, code: FindingCode, detail: string) => this.add(null, `trigger.${path}`, code, detail);
    switch (trigger.on) {
      case 'change':
        if (trigger.deeds.length === 0) say('deeds', 'required', 'Say what must have happened.');
        for (const key of trigger.fields ?? [])
          if (!object.fields.has(key)) say('fields', 'unknownField', `${object.key} has no field “${key.slice(0, 60)}”.`);
        if (trigger.was) this.condition(null, 'trigger.was', object, trigger.was, true);
        return;
      case 'schedule':
        if (!TIME.test(trigger.at)) say('at', 'type', 'Expected a time of day, such as 08:30.');
        if (trigger.every === 'week' && !(trigger.day !== undefined && trigger.day >= 1 && trigger.day <= 7))
          say('day', 'range', 'Which day of the week? 1 is Monday, 7 is Sunday.');
        if (trigger.every === 'month' && !(trigger.day !== undefined && trigger.day >= 1 && trigger.day <= 31))
          say('day', 'range', 'Which day of the month? 31 is its last.');
        return;
      case 'inbound':
        if (trigger.match?.path.trim() === '') say('match.path', 'required', 'Where does it stand in what is posted?');
        if (trigger.match?.by === 'externalId' && trigger.match.system.trim() === '') say('match.system', 'required', 'Of which system?');
        for (const [key, path] of Object.entries(trigger.fields))
          if (this.written(null, `trigger.fields.${key}`, object, key) && path.trim() === '')
            say(`fields.${key}`, 'required', 'Where does it stand in what is posted?');
        return;
      case 'hand':
        return;
    }
  }

  condition(step: string | null, at: string, object: ModelObject, where: Predicate, local = false): void {
    try {
      const bound = bindPredicate({ model: this.model, env: this.env, readable: () => true }, object, where, at);
      const own = (one: typeof bound): boolean =>
        one.kind === 'leaf' ? one.steps.length === 0 : one.kind !== 'count' && one.of.every(own);
      if (local && !own(bound)) this.add(step, at, 'ownOnly', 'What was before is known of the fields of the record itself only.');
    } catch (error) {
      if (!isPerigonError(error)) throw error;
      for (const { path, code, detail } of error.errors) this.pass({ step, path, code, detail });
    }
  }

  step(id: string, object: ModelObject, step: Step): void {
    const say = (path: string, code: FindingCode, detail: string) => this.add(id, path, code, detail);
    switch (step.do) {
      case 'set':
        if (Object.keys(step.values).length === 0) say('values', 'required', 'Nothing is set.');
        for (const [key, value] of Object.entries(step.values))
          this.value(id, `values.${key}`, object, this.written(id, `values.${key}`, object, key), value);
        return;
      case 'create': {
        const made = this.model.objects.get(step.object);
        if (!made || made.retired) {
          say('object', 'unknownObject', `There is no object “${step.object.slice(0, 60)}”.`);
          return;
        }
        for (const [key, value] of Object.entries(step.values))
          this.value(id, `values.${key}`, object, this.written(id, `values.${key}`, made, key), value);
        for (const field of made.declared)
          if (field.required && field.default === undefined && !(field.key in step.values) && field.key !== made.owner && !field.readOnly)
            say(`values.${field.key}`, 'required', 'A value is needed.');
        return;
      }
      case 'act':
        this.act(id, object, step);
        return;
      case 'assign': {
        const key = step.field ?? object.owner;
        const field = key === undefined ? undefined : object.fields.get(key);
        if (field?.type !== 'user') say('field', 'unknownField', `${object.key} has no such field for a colleague.`);
        this.users(id, 'users', step.users);
        if (step.users.length === 0) say('users', 'required', 'To whom?');
        return;
      }
      case 'notify':
        this.people(id, 'to', object, step.to);
        this.text(id, 'text', object, step.text);
        return;
      case 'wait': {
        const until = step.until === undefined ? undefined : this.path(id, 'until', object, step.until);
        if (until && until.shape?.kind !== 'date' && until.shape?.kind !== 'instant')
          say('until', 'type', 'Expected a date of the record.');
        if ([step.for, step.until, step.when].filter((one) => one !== undefined).length !== 1)
          say('for', 'required', 'How long, until when, or until what holds?');
        if (step.for !== undefined && !isOffset(step.for)) say('for', 'type', 'Expected a span such as {"days": 3}.');
        if (step.shift !== undefined && !isOffset(step.shift)) say('shift', 'type', 'Expected a span such as {"days": -3}.');
        if (step.when && isNothing(step.when)) say('when', 'required', 'Which condition?');
        else if (step.when) this.condition(id, 'when', object, step.when);
        if (step.timeout && !step.when) say('timeout', 'unexpected', 'Only a wait for a condition has a latest moment.');
        if (step.timeout && !isOffset(step.timeout.after)) say('timeout.after', 'type', 'Expected a span such as {"days": 3}.');
        return;
      }
      case 'branch':
        if (step.branches.length === 0) say('branches', 'required', 'A branch needs a condition.');
        step.branches.forEach((branch, i) => {
          if (step.branches.findIndex((other) => other.id === branch.id) !== i)
            say(`branches.${i}.id`, 'twice', 'Two branches have one id.');
          this.condition(id, `branches.${i}.when`, object, branch.when);
        });
        return;
      case 'approve':
        this.people(id, 'by', object, step.by);
        this.text(id, 'text', object, step.text);
        if (step.timeout && !isOffset(step.timeout.after)) say('timeout.after', 'type', 'Expected a span such as {"days": 3}.');
        return;
      case 'webhook':
        if (!/^https?:\/\/[^\s/]+/i.test(step.url)) say('url', 'type', 'Expected an address that begins with https://.');
        this.text(id, 'url', object, step.url);
        for (const [key, value] of Object.entries(step.body ?? {})) this.value(id, `body.${key}`, object, null, value);
        return;
      case 'loop': {
        const field = object.fields.get(step.over);
        const far = field && this.model.objects.get(targetOf(field) ?? '');
        const storage = field && typeOf(field).storage;
        if (!field || !far || (storage !== 'inverse' && storage !== 'link')) {
          say('over', 'unknownField', `${object.key} has no related records “${step.over.slice(0, 60)}”.`);
          return;
        }
        if (step.each === null) say('each', 'nothing', 'Nothing happens to the related records yet.');
        if (step.when) this.condition(id, 'when', far, step.when);
        return;
      }
    }
  }

  private act(id: string, object: ModelObject, step: Extract<Step, { do: 'act' }>): void {
    const action = this.model.actions.get(step.action);
    if (!action) {
      this.add(id, 'action', 'unknownAction', `There is no action “${step.action.slice(0, 60)}”.`);
      return;
    }
    if (action.object !== undefined && action.object !== object.key)
      this.add(id, 'action', 'otherObject', `This acts on ${action.object}, not on ${object.key}.`);
    for (const [key, value] of Object.entries(step.input)) {
      const field = action.input[key];
      if (!field) this.add(id, `input.${key}`, 'unknownField', `${action.key} takes no “${key.slice(0, 60)}”.`);
      else this.value(id, `input.${key}`, object, { ...field, key, column: key, table: action.key }, value);
    }
    for (const [key, field] of Object.entries(action.input))
      if (field.required && field.default === undefined && !(key in step.input))
        this.add(id, `input.${key}`, 'required', 'A value is needed.');
  }

  /** A field that a flow may write; null, with a finding, for one it may not. */
  private written(step: string | null, at: string, object: ModelObject, key: string): BoundField | null {
    const field = object.fields.get(key);
    if (!field) {
      this.add(step, at, 'unknownField', `${object.key} has no field “${key.slice(0, 60)}”.`);
      return null;
    }
    const { storage } = typeOf(field);
    if (field.readOnly || SYSTEM_FIELDS.includes(key) || storage === 'figure' || storage === 'inverse') {
      this.add(step, at, 'readOnly', 'Perigon keeps this field itself.');
      return null;
    }
    return field;
  }

  private value(step: string, at: string, object: ModelObject, target: BoundField | null, value: FlowValue): void {
    if ('field' in value) {
      const source = value.field === 'id' ? null : this.path(step, at, object, value.field);
      if (value.field === 'id' && target && targetOf(target) !== object.key && !TEXTS.has(target.type))
        this.add(step, at, 'type', `This field does not lead to ${object.key}.`);
      if (source && target && !fits(target, source)) this.add(step, at, 'type', `A value of “${value.field}” does not fit in here.`);
    } else if ('date' in value) {
      if (!isAnchor(value.date) && !isOffset(value.date)) this.add(step, at, 'type', 'Expected a relative date, such as {"days": 3}.');
      if (target && target.type !== 'date' && target.type !== 'dateTime') this.add(step, at, 'type', 'No date fits in here.');
    } else if ('text' in value) {
      this.text(step, at, object, value.text);
      if (target && typeOf(target).shape?.kind !== 'text') this.add(step, at, 'type', 'No text fits in here.');
    } else if (target && value.value !== null) {
      try {
        const parsed = typeOf(target).parse(value.value, target, this.env);
        const outdated = parsed === null ? null : (typeOf(target).outdated?.(parsed, null, target) ?? null);
        if (outdated !== null) this.add(step, at, 'option', outdated);
      } catch (problem) {
        if (!(problem instanceof FieldProblem)) throw problem;
        this.pass({ step, path: at, code: problem.code, detail: problem.message });
      }
    } else if (target?.required) this.add(step, at, 'required', 'A value is needed.');
  }

  private path(step: string, at: string, object: ModelObject, path: string): ResolvedPath | null {
    const found = resolvePath({ model: this.model, readable: () => true }, object, path);
    if (!found || typeOf(found.field).storage === 'inverse')
      this.add(step, at, 'unknownField', `${object.key} has no field “${path.slice(0, 80)}”.`);
    return found;
  }

  private text(step: string, at: string, object: ModelObject, text: string): void {
    if (text.trim() === '') this.add(step, at, 'required', 'A text is needed.');
    for (const path of placesOf(text)) if (path !== 'id') this.path(step, at, object, path);
  }

  private people(step: string, at: string, object: ModelObject, people: People): void {
    this.users(step, `${at}.users`, people.users ?? []);
    if (people.field !== undefined) {
      const found = this.path(step, `${at}.field`, object, people.field);
      if (found && targetOf(found.field) !== 'user') this.add(step, `${at}.field`, 'type', 'Expected a field that holds colleagues.');
    }
    if (people.field === undefined && (people.users ?? []).length === 0) this.add(step, at, 'required', 'Who?');
  }

  private users(step: string, at: string, users: readonly string[]): void {
    if (!users.every(isId)) this.add(step, at, 'type', 'Expected ids of users.');
  }
}
