import type { Predicate } from '#engine/declare/condition.ts';
import { boolean, dateTime, formula, integer, json, longText, money, reference, select, text, user } from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';

/** States in which somebody still has to do something about it. */
export const OPEN_STATES = ['new', 'working', 'qualified'] as const;

const OPEN: Predicate = { field: 'status', op: 'in', value: [...OPEN_STATES] };

/** Where leads come from. */
export const SOURCES = ['web', 'phone', 'mail', 'event', 'referral', 'partner', 'import', 'api', 'campaign', 'other'] as const;

/** By when whoever asks wants it. */
export const TIMEFRAMES = ['now', 'quarter', 'year', 'later', 'unknown'];

/** How far whoever asks decides about it. */
export const DECISION_MAKERS = [
  { key: 'decides', color: 'good' },
  { key: 'influences' },
  { key: 'none', color: 'warning' },
  { key: 'unknown' },
] as const;

/** A company asks for more, or less, where it says when fields are needed. */
const QUALIFIED: Predicate = { field: 'status', op: 'eq', value: 'qualified' };

/**
 * That somebody is interested in something, until it is a deal or nothing. Who they are is the party's: a lead holds no name and no
 * address of its own, so it becomes a deal without anything being copied.
 */
export const lead = defineObject({
  key: 'lead',
  plural: 'leads',
  icon: 'target-arrow',
  title: 'name',
  party: 'party',
  owner: 'owner',
  fields: {
    /** What it is about; follows from the product or the message where nobody says it. */
    name: text({ required: true, search: 'title', max: 300 }),
    party: reference({ to: 'party', required: true, inverse: 'leads' }),
    status: select(
      [
        { key: 'new', color: 'information' },
        { key: 'working' },
        { key: 'qualified', color: 'good' },
        { key: 'converted', color: 'good' },
        { key: 'lost', color: 'danger' },
      ],
      { required: true, default: 'new' },
    ),
    source: select([...SOURCES], { open: true, default: 'other' }),
    owner: user({ inverse: 'leads' }),
    product: reference({ to: 'product', inverse: 'leads' }),
    message: longText({ search: 'words' }),
    receivedAt: dateTime({ required: true, index: true }),
    firstResponseAt: dateTime({ readOnly: true }),
    responseMinutes: formula({ expression: 'round(minutes(firstResponseAt - receivedAt))' }),
    // What must be known before it is worth a deal.
    need: longText({ max: 1000, requiredWhen: QUALIFIED }),
    budget: money({ rateOn: 'receivedAt' }),
    timeframe: select(TIMEFRAMES, { requiredWhen: QUALIFIED }),
    decisionMaker: select(DECISION_MAKERS),
    /** It came in a way that mail of robots comes; somebody has to look. */
    suspect: boolean({ default: false }),
    /** How promising it is (`scoring.ts`): a figure, written beside the log. */
    score: integer({ readOnly: true, index: true }),
    grade: select([{ key: 'A', color: 'good' }, { key: 'B', color: 'information' }, { key: 'C' }, { key: 'D' }], { readOnly: true }),
    /** By which rule its owner got it, and why, in the words of then; empty where somebody gave it themselves. */
    assignedBy: reference({ to: 'assignmentRule', readOnly: true }),
    assignedWhy: json({ readOnly: true }),
    qualifiedAt: dateTime({ readOnly: true }),
    closedAt: dateTime({ readOnly: true }),
    /** The form that was answered. */
    form: reference({ to: 'leadForm', readOnly: true, inverse: 'leads' }),
    /** What became of it. */
    opportunity: reference({ to: 'opportunity', readOnly: true, inverse: 'leads' }),
    lossReason: reference({ to: 'closeReason', requiredWhen: { field: 'status', op: 'eq', value: 'lost' } }),
    lossNote: text({ max: 300 }),
  },
  indexes: [['createdAt'], ['status', 'receivedAt']],
  timeline: { at: 'receivedAt', title: 'name', kind: 'status', detail: 'message', actor: 'owner' },
  overview: {
    section: { key: 'leads', columns: ['name', 'status', 'source', 'receivedAt', 'owner'], sort: ['-receivedAt'] },
    blocks: { outstanding: { where: OPEN, at: 'receivedAt', amount: 'budget', status: 'status' } },
    matters: [
      {
        key: 'unanswered',
        where: {
          all: [
            { field: 'status', op: 'eq', value: 'new' },
            { field: 'suspect', op: 'ne', value: true },
            { field: 'firstResponseAt', op: 'isEmpty' },
            { field: 'receivedAt', op: 'lt', value: { days: -1 } },
          ],
        },
        at: 'receivedAt',
        weight: 75,
      },
    ],
  },
  brief: {
    lists: [
      {
        key: 'openLeads',
        columns: ['name', 'status', 'receivedAt', 'need', 'budget', 'timeframe', 'owner'],
        sort: ['receivedAt'],
        where: OPEN,
      },
    ],
  },
  handOver: OPEN,
  list: { columns: ['name', 'party', 'status', 'grade', 'score', 'source', 'owner', 'product', 'receivedAt'], sort: ['-receivedAt'] },
  views: [
    { key: 'meant', where: { all: [{ field: 'suspect', op: 'ne', value: true }] }, first: true },
    { key: 'suspects', where: { all: [{ field: 'suspect', op: 'eq', value: true }] } },
  ],
  form: [
    { key: 'main', fields: ['name', 'party', 'status', 'source', 'owner', 'product', 'message'] },
    { key: 'qualification', fields: ['need', 'budget', 'timeframe', 'decisionMaker'] },
    {
      key: 'outcome',
      fields: ['opportunity', 'lossReason', 'lossNote'],
      when: { field: 'status', op: 'in', value: ['converted', 'lost'] },
    },
    { key: 'course', fields: ['receivedAt', 'firstResponseAt', 'responseMinutes', 'qualifiedAt', 'closedAt', 'form', 'suspect'] },
  ],
});
