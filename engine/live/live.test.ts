import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SYSTEM } from '#engine/access/actor.ts';
import { Bell } from './bell.ts';
import { PRESENCE_MS, Presence } from './presence.ts';
import { LiveStream, message } from './stream.ts';

describe('presence', () => {
  const sign = (user: string, tab: string, state: 'viewing' | 'editing' | 'left') => ({
    object: 'party',
    id: '1',
    tab,
    user,
    name: user,
    state,
  });

  it('shows each user once, whatever they do in how many tabs, until the last has left', () => {
    const presence = new Presence();
    expect(presence.take(sign('ana', 'a', 'viewing'), 0)).toBe(true);
    expect(presence.take(sign('ana', 'b', 'editing'), 0)).toBe(true);
    expect(presence.at('party', '1')).toEqual([{ id: 'ana', name: 'ana', state: 'editing' }]);
    // Renewal is no news.
    expect(presence.take(sign('ana', 'b', 'editing'), 1000)).toBe(false);
    expect(presence.take(sign('ana', 'b', 'left'), 1000)).toBe(true);
    expect(presence.at('party', '1')).toEqual([{ id: 'ana', name: 'ana', state: 'viewing' }]);
    presence.take(sign('ana', 'a', 'left'), 1000);
    expect(presence.isEmpty).toBe(true);
  });

  it('forgets whom nobody heard of for 45 seconds', () => {
    const presence = new Presence();
    presence.take(sign('ana', 'a', 'viewing'), 0);
    presence.take(sign('ben', 'b', 'viewing'), 20_000);
    expect(presence.expire(PRESENCE_MS - 1)).toEqual([]);
    expect(presence.expire(PRESENCE_MS)).toEqual([{ object: 'party', id: '1' }]);
    expect(presence.at('party', '1').map(({ id }) => id)).toEqual(['ben']);
  });
});

describe('a stream', () => {
  it('is cut when its reader lets too much lie, and not before', async () => {
    const slow = new LiveStream(SYSTEM, async () => SYSTEM);
    const line = message({ id: 1, data: 'x'.repeat(10_000) });
    for (let i = 0; i < 50; i++) slow.send(line);
    expect(slow.open).toBe(true);
    for (let i = 0; i < 100; i++) slow.send(line);
    expect(slow.open).toBe(false);
    const quick = new LiveStream(SYSTEM, async () => SYSTEM);
    quick.body.resume();
    for (let i = 0; i < 300; i++) {
      quick.send(line);
      await sleep(0);
    }
    expect(quick.open).toBe(true);
  });
});

describe('the bell', () => {
  it('tells the first at once and gathers what follows', async () => {
    let told = 0;
    const bell = new Bell(() => told++);
    bell.ring();
    expect(told).toBe(1);
    for (let i = 0; i < 100; i++) bell.ring();
    expect(told).toBe(1);
    await sleep(40);
    expect(told).toBe(2);
    await sleep(60);
    expect(told).toBe(2);
  });
});
