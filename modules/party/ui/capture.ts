/** What can be captured in one line, and what each becomes. Pure. */
export const kinds = ['note', 'call', 'task', 'promise', 'meeting', 'next', 'fact', 'lead'] as const;
export type Kind = (typeof kinds)[number];

/** The key that opens each, anywhere: W as in what we know, for F filters lists; A as in appointment; E as in next step; I as in interest. */
export const captureKeys: Record<Kind, string> = {
  note: 'n',
  call: 'l',
  task: 't',
  promise: 'p',
  meeting: 'a',
  next: 'e',
  fact: 'w',
  lead: 'i',
};

/** What must be allowed for a kind to be offered, beside notes and tasks. */
export const captureObjects: Partial<Record<Kind, { object: string; verb: 'create' | 'update' }>> = {
  fact: { object: 'fact', verb: 'create' },
  meeting: { object: 'meeting', verb: 'create' },
  next: { object: 'opportunity', verb: 'update' },
  lead: { object: 'lead', verb: 'create' },
};

/** When something is due: on a day, or at an instant. */
export type Due = { dueOn: string } | { dueAt: string } | null;

/** What is said of a fact besides its words. */
export interface FactMore {
  kind: string;
  source: string;
  expiresOn: string | null;
}

/** Days from today that a due date is offered for. */
export const dueDays: Record<string, number | undefined> = { none: undefined, today: 0, tomorrow: 1, week: 7 };

const subjectLength = 200;

/** The first line is the subject; what is beyond it, or beyond what a subject holds, is the text. */
export function splitText(text: string): { subject: string; rest: string | null } {
  const trimmed = text.trim();
  const [line = '', ...others] = trimmed.split('\n');
  const subject = line.trim();
  if (subject.length <= subjectLength) return { subject, rest: others.join('\n').trim() || null };
  const cut = subject.lastIndexOf(' ', subjectLength);
  return { subject: `${subject.slice(0, cut > 0 ? cut : subjectLength).trim()}…`, rest: trimmed };
}

/** The request that keeps it; `deal` is whose next step it is. */
export function captureRequest(
  kind: Kind,
  text: string,
  party: string | null,
  due: Due,
  more: { fact?: FactMore; deal?: string } = {},
): { method?: 'PATCH'; path: string; body: Record<string, unknown> } {
  const { fact } = more;
  const { subject, rest } = splitText(text);
  switch (kind) {
    case 'fact':
      return {
        path: '/facts',
        body: {
          // A fact is one sentence: lines are joined, nothing is cut away behind somebody's back.
          text: text.trim().replace(/\s*\n\s*/g, ' '),
          party,
          ...(fact?.kind ? { kind: fact.kind } : {}),
          ...(fact?.source.trim() ? { source: fact.source.trim() } : {}),
          ...(fact?.expiresOn ? { expiresOn: fact.expiresOn } : {}),
        },
      };
    case 'note':
      return { path: '/notes', body: { subject, party, ...(rest ? { body: rest } : {}) } };
    case 'call':
      return {
        path: '/actions/logCall',
        body: {
          subject,
          party,
          ...(rest ? { body: rest } : {}),
          ...(due ? ('dueOn' in due ? { callBackOn: due.dueOn } : { callBackAt: due.dueAt }) : {}),
        },
      };
    case 'meeting':
      return {
        path: '/meetings',
        body: {
          subject,
          ...(party ? { party } : {}),
          ...(rest ? { description: rest } : {}),
          ...(due && 'dueAt' in due ? { start: due.dueAt } : due ? { allDay: true, startsOn: due.dueOn } : {}),
        },
      };
    case 'lead':
      return { path: '/leads', body: { name: subject, party, ...(rest ? { message: rest } : {}) } };
    case 'next':
      return { method: 'PATCH', path: `/opportunities/${more.deal ?? ''}`, body: { nextStep: text.trim().replace(/\s*\n\s*/g, ' ') } };
    case 'task':
    case 'promise':
      return {
        path: '/tasks',
        body: {
          subject,
          kind,
          ...(party ? { party } : {}),
          ...(rest ? { description: rest } : {}),
          ...(due ?? {}),
          // Whoever names an hour wants to be told when it comes.
          ...(due && 'dueAt' in due ? { reminder: 'onTime' } : {}),
        },
      };
  }
}

const day = (year: number, month: number, date: number): string => new Date(Date.UTC(year, month, date, 12)).toISOString().slice(0, 10);

/** Names of months or weekdays in a language, long and short, small, by their place. */
function names(language: string, part: 'month' | 'weekday'): [name: string, at: number][] {
  const tags = [...new Set([language, 'en'])];
  return tags.flatMap((tag) =>
    (['long', 'short'] as const).flatMap((style) => {
      const format = new Intl.DateTimeFormat(tag, { [part]: style, timeZone: 'UTC' });
      // 4 January 2026 is a Sunday.
      return Array.from({ length: part === 'month' ? 12 : 7 }, (_, at): [string, number] => [
        format
          .format(part === 'month' ? Date.UTC(2026, at, 15) : Date.UTC(2026, 0, 4 + at))
          .toLowerCase()
          .replace(/\.$/, ''),
        at,
      ]);
    }),
  );
}

/**
 * Until when a fact holds, as far as its words say so: "until Friday", "till 12 March", "bis Ende des Jahres", "this week". A day
 * without a year is the next one of its name; null where nothing is said. `today` is YYYY-MM-DD. Pure.
 */
export function guessExpiry(text: string, today: string, language = 'en'): string | null {
  const [year = 0, month1 = 1, date = 1] = today.split('-').map(Number);
  const month = month1 - 1;
  const weekday = new Date(Date.UTC(year, month, date)).getUTCDay();
  // Monday to Sunday: a week ends on its Sunday.
  const ends: Record<string, string> = {
    week: day(year, month, date + ((7 - weekday) % 7)),
    month: day(year, month + 1, 0),
    quarter: day(year, Math.floor(month / 3) * 3 + 3, 0),
    year: day(year, 12, 0),
  };
  const words = text.toLowerCase();
  const unit = (word: string | undefined): string | null =>
    word === undefined
      ? null
      : /^(week|woche)/.test(word)
        ? (ends.week ?? null)
        : /^(month|monat)/.test(word)
          ? (ends.month ?? null)
          : /^quart/.test(word)
            ? (ends.quarter ?? null)
            : /^(year|jahr)/.test(word)
              ? (ends.year ?? null)
              : null;
  const span = '(weeks?|month|quarter|year|woche|monats?|quartals?|jahr(?:es)?)';
  const whole =
    new RegExp(`\\b(?:end of (?:the |this )?|this |ende (?:der |des |dieser |dieses )?|diese[rsnm]? )${span}(?![\\p{L}])`, 'u').exec(
      words,
    ) ?? new RegExp(`\\b(?:until|till|bis) (?:the )?${span} end`, 'u').exec(words);
  const ofSpan = unit(whole?.[1]);
  if (ofSpan) return ofSpan;
  const behind = /(?:^|[^\p{L}])(?:until|till|up to|through|ends?(?: on| in)?|bis(?: zum| zur)?|endet(?: am| im)?|حتى)\s+(.+)$/u.exec(
    words,
  )?.[1];
  if (behind === undefined) return null;
  const ahead = (m: number, d: number): string => {
    const here = day(year, m, d);
    return here < today ? day(year + 1, m, d) : here;
  };
  const iso = /^(\d{4})-(\d{2})-(\d{2})/.exec(behind);
  if (iso) return day(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]));
  const dotted = /^(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4}|\d{2})(?!\d))?/.exec(behind);
  if (dotted) {
    const [d, m] = [Number(dotted[1]), Number(dotted[2]) - 1];
    if (d < 1 || d > 31 || m < 0 || m > 11) return null;
    return dotted[3] ? day(Number(dotted[3].length === 2 ? `20${dotted[3]}` : dotted[3]), m, d) : ahead(m, d);
  }
  if (/^(tomorrow|morgen)(?!\p{L})/u.test(behind)) return day(year, month, date + 1);
  const months = names(language, 'month').sort(([a], [b]) => b.length - a.length);
  const named = new RegExp(
    `^(?:(?:end of|ende) )?(?:the )?(?:(\\d{1,2})(?:st|nd|rd|th)?\\.?\\s+(?:of )?)?(${months.map(([name]) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})(?!\\p{L})\\.?(?:\\s+(\\d{1,2})(?:st|nd|rd|th)?(?![\\d]))?(?:,?\\s+(\\d{4}))?`,
    'u',
  ).exec(behind);
  if (named) {
    const at = months.find(([name]) => name === named[2])?.[1] ?? 0;
    const given = named[1] ?? named[3];
    const inYear = named[4] ? Number(named[4]) : null;
    // A month by itself holds to its last day.
    if (given === undefined) {
      const last = day(inYear ?? year, at + 1, 0);
      return inYear === null && last < today ? day(year + 1, at + 1, 0) : last;
    }
    return inYear === null ? ahead(at, Number(given)) : day(inYear, at, Number(given));
  }
  const weekdays = names(language, 'weekday');
  const first = /^(?:(?:next|on|am|n\u00e4chsten) )?(\p{L}+)/u.exec(behind)?.[1];
  const found = weekdays.find(([name]) => name === first);
  if (found) return day(year, month, date + ((found[1] - weekday + 7) % 7 || 7));
  const bare = /^(?:(?:end of|ende) )?(20\d{2})(?!\d)/.exec(behind);
  return bare ? day(Number(bare[1]), 12, 0) : null;
}
