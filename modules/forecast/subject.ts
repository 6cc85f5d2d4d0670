import type { RuleItem } from '#engine/record/context.ts';

/** Of a user or of a team: whom a quota or a call is about. */
export interface Subject {
  user: string | null;
  team: string | null;
}

/** By what records about the same one are told. */
export const subjectKey = ({ user, team }: Subject): string => (user ? `user:${user}` : `team:${team ?? ''}`);

/** A record about somebody names either a user or a team, and a period that begins with a month; it is kept under their key. */
export function placeSubject(item: RuleItem): Subject | null {
  const idOf = (key: string) => (item.get(key) ? String(item.get(key)) : null);
  const subject = { user: idOf('user'), team: idOf('team') };
  if ((subject.user === null) === (subject.team === null)) {
    item.refuse(subject.user === null ? 'user' : 'team', 'subject', 'Name either a user or a team.');
    return null;
  }
  if (typeof item.get('start') === 'string' && !String(item.get('start')).endsWith('-01')) {
    item.refuse('start', 'range', 'A period begins on the first day of a month.');
    return null;
  }
  item.set('subject', subjectKey(subject));
  if (subject.user !== null) item.set('owner', subject.user);
  return subject;
}
