import type { Model } from '#engine/declare/model.ts';
import type { RuleItem, Rules } from '#engine/record/context.ts';
import { isObject } from '#kit/json.ts';
import { isKnownAsk, ownField } from './questions.ts';

const MOST_LINES = 30;
const MOST_SITES = 20;
const SLUG = /^[a-z0-9](?:[a-z0-9-]{1,58})[a-z0-9]$/;
const FIRST_LINES = [
  { ask: 'name', required: true },
  { ask: 'company' },
  { ask: 'email', required: true },
  { ask: 'phone' },
  { ask: 'message' },
];

/** A form has an address of its own, asks what it can ask, and tells at least how to answer. */
export const leadFormRules: Rules = {
  object: 'leadForm',
  before({ ctx, items }) {
    for (const item of items) {
      if (item.op === 'delete' || item.op === 'restore' || ctx.cause.kind === 'undo') continue;
      if (item.op === 'create') {
        if (!item.get('slug')) item.set('slug', slugOf(String(item.get('name') ?? ''), item.id));
        if (!item.get('heading')) item.set('heading', item.get('name'));
        if (!item.get('asks')) item.set('asks', FIRST_LINES);
      }
      if (item.changes('slug') && !SLUG.test(String(item.get('slug') ?? '')))
        item.refuse('slug', 'pattern', 'An address has 3 to 60 small letters, digits and hyphens.');
      const redirect = item.get('redirect');
      if (item.changes('redirect') && typeof redirect === 'string' && !/^https:\/\//.test(redirect))
        item.refuse('redirect', 'url', 'Where to go on begins with https://.');
      if (item.changes('asks')) checkAsks(item, ctx.model);
      if (item.changes('sites')) checkSites(item);
    }
  },
};

/** An address from the name that nobody has by chance. Pure. */
function slugOf(name: string, id: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${words || 'form'}-${id.slice(-6)}`;
}

function checkAsks(item: RuleItem, model: Model): void {
  const asks = item.get('asks');
  if (!Array.isArray(asks) || asks.length === 0 || asks.length > MOST_LINES) {
    item.refuse('asks', 'type', `A form asks for 1 to ${MOST_LINES} things.`);
    return;
  }
  const seen = new Set<string>();
  for (const [i, line] of asks.entries()) {
    const wrong = faultOf(line, seen, model);
    if (wrong) item.refuse(`asks.${i}`, ...wrong);
    if (isObject(line)) seen.add(String(line.ask));
  }
  if (!seen.has('email') && !seen.has('phone'))
    item.refuse('asks', 'reach', 'Ask for an e-mail address or a phone number: nobody could answer.');
}

/** What is wrong with one line, as code and words. */
function faultOf(line: unknown, seen: ReadonlySet<string>, model: Model): [string, string] | null {
  if (!isObject(line) || typeof line.ask !== 'string') return ['type', 'Expected {"ask", "label", "required"}.'];
  if (!isKnownAsk(line.ask) && !ownField(model, line.ask)) return ['unknownField', `A form cannot ask for “${line.ask.slice(0, 60)}”.`];
  if (seen.has(line.ask)) return ['twice', `“${line.ask}” is asked twice.`];
  const { label } = line;
  if (label !== undefined && label !== null && (typeof label !== 'string' || label.length > 200))
    return ['label', 'A label has at most 200 characters.'];
  return null;
}

function checkSites(item: RuleItem): void {
  const sites = item.get('sites') ?? [];
  const good = (site: unknown): boolean => {
    if (typeof site !== 'string' || site.length > 200) return false;
    try {
      const at = new URL(site);
      return at.origin === site && (at.protocol === 'https:' || ['localhost', '127.0.0.1'].includes(at.hostname));
    } catch {
      return false;
    }
  };
  if (!Array.isArray(sites) || sites.length > MOST_SITES || !sites.every(good))
    item.refuse('sites', 'origin', 'Sites are written as https://www.example.com, at most twenty.');
}
