/** What can be captured in one line, and what each becomes. Pure. */
export const kinds = ['note', 'call', 'task', 'promise'] as const;
export type Kind = (typeof kinds)[number];

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

/** The request that keeps it. */
export function captureRequest(
  kind: Kind,
  text: string,
  party: string | null,
  due: string | null,
): { path: string; body: Record<string, unknown> } {
  const { subject, rest } = splitText(text);
  switch (kind) {
    case 'note':
      return { path: '/notes', body: { subject, party, ...(rest ? { body: rest } : {}) } };
    case 'call':
      return { path: '/actions/logCall', body: { subject, party, ...(rest ? { body: rest } : {}), ...(due ? { callBackOn: due } : {}) } };
    case 'task':
    case 'promise':
      return {
        path: '/tasks',
        body: { subject, kind, ...(party ? { party } : {}), ...(rest ? { description: rest } : {}), ...(due ? { dueOn: due } : {}) },
      };
  }
}
