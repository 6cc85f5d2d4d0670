import { expect, it } from 'vitest';
import { isPrivate, publicAddresses } from './addresses.ts';

it('knows private addresses, in other clothes too', () => {
  for (const address of [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '0.0.0.0',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    'fd00::1',
    'fe80::1',
    '64:ff9b::7f00:1',
    'no address',
  ])
    expect(isPrivate(address), address).toBe(true);
  for (const address of ['1.1.1.1', '172.32.0.1', '2606:4700:4700::1111']) expect(isPrivate(address), address).toBe(false);
});

it('refuses names and numbers that lead inside', async () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]', '[::ffff:7f00:1]'])
    expect(await publicAddresses(host, { privateToo: false }), host).toBeNull();
  expect(await publicAddresses('127.0.0.1', { privateToo: true })).toEqual([{ address: '127.0.0.1', family: 4 }]);
  // The URL parser reads numbers as browsers do.
  expect(await publicAddresses(new URL('http://0x7f.1/').hostname, { privateToo: false })).toBeNull();
});
