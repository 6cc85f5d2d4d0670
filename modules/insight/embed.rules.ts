import { requireProof } from '#engine/access/proof.ts';
import type { RuleItem, Rules } from '#engine/record/context.ts';

/** What says what is opened to whom, and for how long. */
const OPENS = ['report', 'dashboard', 'until', 'sites'] as const;
const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

/** A link for those without an account carries data out of the house: who makes it may export, has proved to be themselves, and lends it their rights. */
export const embedRules: Rules = {
  object: 'embed',
  before({ ctx, items }) {
    for (const item of items) {
      if (ctx.actor.kind === 'system' || item.op === 'delete') continue;
      const opens = item.op !== 'update' || OPENS.some((key) => item.changes(key));
      if (!opens) continue;
      if (!ctx.actor.rights.may('export') || ctx.actor.userId === null)
        item.refuse('', 'denied', 'Your roles do not let you take data out.');
      requireProof(ctx.actor);
      item.set('owner', ctx.actor.userId);
      if (((item.get('report') ?? null) === null) === ((item.get('dashboard') ?? null) === null))
        item.refuse('report', 'one', 'Name one report or one dashboard.');
      checkEnd(item, ctx.env.now);
      checkSites(item);
    }
  },
};

function checkEnd(item: RuleItem, now: Date): void {
  const until = Date.parse(String(item.get('until') ?? ''));
  if (Number.isNaN(until)) return;
  if (until <= now.getTime()) item.refuse('until', 'past', 'This moment has passed.');
  if (until > now.getTime() + LONGEST_DAYS * DAY_MS) item.refuse('until', 'range', 'A year at most. It can be prolonged.');
}

function checkSites(item: RuleItem): void {
  const sites = item.get('sites') ?? [];
  const good = (site: unknown): boolean => {
    if (typeof site !== 'string' || site.length > 200) return false;
    try {
      const url = new URL(site);
      return url.origin === site && (url.protocol === 'https:' || url.hostname === 'localhost');
    } catch {
      return false;
    }
  };
  if (!Array.isArray(sites) || sites.length > 20 || !sites.every(good))
    item.refuse('sites', 'origin', 'Sites are written as https://intranet.example, at most twenty.');
}
