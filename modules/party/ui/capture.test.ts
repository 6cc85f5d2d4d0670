import { describe, expect, it } from 'vitest';
import { captureRequest, splitText } from './capture.ts';

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
    expect(captureRequest('call', 'a', 'p', '2026-01-02')).toEqual({
      path: '/actions/logCall',
      body: { subject: 'a', party: 'p', callBackOn: '2026-01-02' },
    });
    expect(captureRequest('task', 'a', null, null)).toEqual({ path: '/tasks', body: { subject: 'a', kind: 'task' } });
    expect(captureRequest('promise', 'a', 'p', '2026-01-02').body).toEqual({
      subject: 'a',
      kind: 'promise',
      party: 'p',
      dueOn: '2026-01-02',
    });
  });
});
