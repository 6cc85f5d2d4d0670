import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Said, standings, standingTo } from './consent-state.ts';

const said = (decision: Said['decision'], purpose: string, channel: string, day: number, id = `${day}`): Said => ({
  id,
  decision,
  purpose,
  channel,
  at: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`,
});

describe('consent', () => {
  it('is the last word about a purpose and a channel, and none without one', () => {
    const all = [said('given', 'marketing', 'email', 2), said('withdrawn', 'marketing', 'email', 5), said('given', 'marketing', 'sms', 9)];
    expect(standingTo(all, 'marketing', 'email')).toMatchObject({ allowed: false, consent: '5' });
    expect(standingTo(all, 'marketing', 'sms')).toMatchObject({ allowed: true });
    expect(standingTo(all, 'newsletter', 'email')).toBeNull();
  });

  it('of all purposes or channels speaks to each, until a later word about one', () => {
    const all = [said('given', 'marketing', 'all', 1), said('withdrawn', 'all', 'all', 3), said('given', 'newsletter', 'email', 7)];
    expect(standingTo(all, 'marketing', 'phone')).toMatchObject({ allowed: false });
    expect(standingTo(all, 'newsletter', 'email')).toMatchObject({ allowed: true });
    expect(standingTo(all, 'newsletter', 'sms')).toMatchObject({ allowed: false });
    expect(standings(all).map(({ allowed }) => allowed)).toEqual([false, false, true]);
  });

  it('given and withdrawn at the same moment is withdrawn, in whatever order rows come', () => {
    const row = fc.record({
      id: fc.uuid(),
      decision: fc.constantFrom('given' as const, 'withdrawn' as const),
      purpose: fc.constantFrom('all', 'marketing', 'survey'),
      channel: fc.constantFrom('all', 'email', 'sms'),
      at: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const now = standingTo(rows, 'marketing', 'email');
        expect(standingTo([...rows].reverse(), 'marketing', 'email')).toEqual(now);
        const speaking = rows.filter((one) => ['all', 'marketing'].includes(one.purpose) && ['all', 'email'].includes(one.channel));
        const last = speaking
          .map(({ at }) => at)
          .sort()
          .at(-1);
        const words = speaking.filter(({ at }) => at === last).map(({ decision }) => decision);
        expect(now?.allowed ?? null).toBe(words.length === 0 ? null : !words.includes('withdrawn'));
      }),
    );
  });
});
