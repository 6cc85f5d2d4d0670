/** What holds now, from all that somebody allowed and took back. Pure. */

export interface Said {
  id: string;
  decision: 'given' | 'withdrawn';
  purpose: string;
  channel: string;
  /** An instant as ISO text. */
  at: string;
}

export interface Standing {
  purpose: string;
  channel: string;
  allowed: boolean;
  since: string;
  /** The row that proves it. */
  consent: string;
}

const EVERY = 'all';
const speaksTo = (said: Said, purpose: string, channel: string): boolean =>
  (said.purpose === purpose || said.purpose === EVERY) && (said.channel === channel || said.channel === EVERY);

/** Whether `a` counts against `b`: what was said later, and of what was said at the same moment the no, then the later row. */
function outweighs(a: Said, b: Said): boolean {
  if (a.at !== b.at) return a.at > b.at;
  if (a.decision !== b.decision) return a.decision === 'withdrawn';
  return a.id > b.id;
}

/**
 * How somebody stands to a purpose on a channel: the last word that speaks to both, also one about all purposes or channels. Null where
 * nothing was said, which allows nothing.
 */
export function standingTo(said: readonly Said[], purpose: string, channel: string): Standing | null {
  let last: Said | null = null;
  for (const one of said) if (speaksTo(one, purpose, channel) && (last === null || outweighs(one, last))) last = one;
  return last && { purpose, channel, allowed: last.decision === 'given', since: last.at, consent: last.id };
}

/** All that was spoken of, each with how it stands now, in a fixed order. */
export function standings(said: readonly Said[]): Standing[] {
  const pairs = new Map(said.map(({ purpose, channel }) => [`${purpose} ${channel}`, { purpose, channel }]));
  return [...pairs.keys()].sort().flatMap((key) => {
    const pair = pairs.get(key);
    return (pair && standingTo(said, pair.purpose, pair.channel)) ?? [];
  });
}
