import { describe, expect, it } from 'vitest';
import { networkOf, waitAfter } from './tries.ts';

describe('tries', () => {
  it('cost nothing at first, then wait longer and longer, to a quarter of an hour', () => {
    expect([0, 9, 10, 11, 12, 13, 14, 15, 16, 1000].map((n) => waitAfter(n, 10))).toEqual([0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
  });

  it('are counted for a network: an address of version 4, the line of one of version 6', () => {
    expect(networkOf('203.0.113.7')).toBe('203.0.113.7');
    expect(networkOf('::ffff:203.0.113.7')).toBe('203.0.113.7');
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(networkOf('2001:0db8:0001:0002::1')).toBe('2001:db8:1:2::/64');
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(networkOf('::1')).toBe('0:0:0:0::/64');
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  });
});
