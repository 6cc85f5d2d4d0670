import { describe, expect, it } from 'vitest';
import { captureKeys, captureRequest, guessExpiry, kinds, splitText } from './capture.ts';

describe('what is captured in one line', () => {
  it('has its first line as subject and the rest as text', () => {
    expect(splitText('  Wants a demo \nin May\nwith Ana ')).toEqual({ subject: 'Wants a demo', rest: 'in May\nwith Ana' });
    expect(splitText('Wants a demo')).toEqual({ subject: 'Wants a demo', rest: null });
  });
  it('keeps a long line whole as text and cuts the subject at a word', () => {
    const { subject, rest } = splitText(`${'word '.repeat(60)}end`);
    expect(subject.length).toBeLessThanOrEqual(201);
    expect(subject.endsWith('word…')).toBe(true);
    expect(rest).toMatch(/end$/);
  });
  it('becomes a note, a call with its call back, a task or a promise', () => {
    expect(captureRequest('note', 'a\nb', 'p', null)).toEqual({ path: '/notes', body: { subject: 'a', party: 'p', body: 'b' } });
    expect(captureRequest('call', 'a', 'p', { dueOn: '2026-01-02' })).toEqual({
      path: '/actions/logCall',
      body: { subject: 'a', party: 'p', callBackOn: '2026-01-02' },
    });
    expect(captureRequest('task', 'a', null, null)).toEqual({ path: '/tasks', body: { subject: 'a', kind: 'task' } });
    expect(captureRequest('promise', 'a', 'p', { dueOn: '2026-01-02' }).body).toEqual({
      subject: 'a',
      kind: 'promise',
      party: 'p',
      dueOn: '2026-01-02',
    });
  });
});

describe('with a time', () => {
  const at = '2026-01-02T09:00:00.000Z';
  it('a task is due then and reminds, a call is called back then, a meeting begins then', () => {
    expect(captureRequest('task', 'a', null, { dueAt: at }).body).toEqual({ subject: 'a', kind: 'task', dueAt: at, reminder: 'onTime' });
    expect(captureRequest('call', 'a', 'p', { dueAt: at }).body).toEqual({ subject: 'a', party: 'p', callBackAt: at });
    expect(captureRequest('meeting', 'a', 'p', { dueAt: at })).toEqual({
      path: '/meetings',
      body: { subject: 'a', party: 'p', start: at },
    });
    expect(captureRequest('meeting', 'a', null, { dueOn: '2026-01-02' }).body).toEqual({
      subject: 'a',
      allDay: true,
      startsOn: '2026-01-02',
    });
  });
  it('a next step is written into its deal, in one line', () => {
    expect(captureRequest('next', ' Send\nthe offer ', null, null, { deal: 'd' })).toEqual({
      method: 'PATCH',
      path: '/opportunities/d',
      body: { nextStep: 'Send the offer' },
    });
  });
});

describe('a fact in one line', () => {
  it('keeps its words whole, with kind, source and end', () => {
    expect(
      captureRequest('fact', ' No calls\n before nine ', 'p', null, { fact: { kind: 'habit', source: ' Eva ', expiresOn: '2026-12-31' } }),
    ).toEqual({
      path: '/facts',
      body: { text: 'No calls before nine', party: 'p', kind: 'habit', source: 'Eva', expiresOn: '2026-12-31' },
    });
    expect(captureRequest('fact', 'a', 'p', null, { fact: { kind: 'need', source: '', expiresOn: null } }).body).toEqual({
      text: 'a',
      party: 'p',
      kind: 'need',
    });
  });
  it('has a key of its own', () => {
    expect(new Set(kinds.map((kind) => captureKeys[kind])).size).toBe(kinds.length);
  });
  // 22 November 2026 is a Sunday.
  it.each([
    ['No visits until Friday', '2026-11-27'],
    ['On holiday till next sunday', '2026-11-29'],
    ['Budget frozen until 12 March', '2027-03-12'],
    ['Budget frozen until March 12th, they said', '2027-03-12'],
    ['Budget frozen until March', '2027-03-31'],
    ['Moves house until 2027-02-03', '2027-02-03'],
    ['No orders until the end of the year', '2026-12-31'],
    ['Buys nothing this month', '2026-11-30'],
    ['Contract runs until 2028', '2028-12-31'],
    ['Away until tomorrow', '2026-11-23'],
    ['Works from home this week', '2026-11-22'],
    ['Likes tea', null],
    ['Knows May from school', null],
    ['Stays until the talks are over', null],
  ])('“%s” holds until %s', (text, day) => expect(guessExpiry(text, '2026-11-22')).toBe(day));
  it.each([
    ['Keine Besuche bis Freitag', '2026-11-27'],
    ['Umzug bis 12. März', '2027-03-12'],
    ['Umzug bis zum 3.2.', '2027-02-03'],
    ['Umzug bis 3.2.2028', '2028-02-03'],
    ['Kein Budget bis Ende des Quartals', '2026-12-31'],
    ['Bestellt dieses Jahr nichts mehr', '2026-12-31'],
    ['Vertrag bis Mai 2027', '2027-05-31'],
    ['Bis morgen im Urlaub', '2026-11-23'],
    ['Ein bisschen schwierig', null],
  ])('„%s“ gilt bis %s', (text, day) => expect(guessExpiry(text, '2026-11-22', 'de')).toBe(day));
});
