import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Addresses that are no public ones (IANA special-purpose registries): what lies behind them is not meant to be reached by a drawing. */
const PRIVATE: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['::1', 128],
  // IPv4 in other clothes: translated, 6to4, Teredo. Mapped addresses are judged as what they map.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
];
const blocked = new BlockList();
for (const [net, prefix] of PRIVATE) blocked.addSubnet(net, prefix, net.includes(':') ? 'ipv6' : 'ipv4');

/** Whether an address is not a public one. */
export const isPrivate = (address: string): boolean => {
  const kind = isIP(address);
  return kind === 0 || blocked.check(address, kind === 6 ? 'ipv6' : 'ipv4');
};

export interface Address {
  address: string;
  family: 4 | 6;
}

/**
 * The addresses that a host name stands for, asked for once, so that what was judged is what is connected to. Null where one of them
 * is private: a name that leads inside and outside is not to be trusted.
 */
export async function publicAddresses(host: string, o: { privateToo: boolean }): Promise<[Address, ...Address[]] | null> {
  const bare = host.replace(/^\[|\]$/g, '');
  const found = isIP(bare) ? [{ address: bare, family: isIP(bare) }] : await lookup(bare, { all: true });
  if (!o.privateToo && found.some(({ address }) => isPrivate(address))) return null;
  const [first, ...others] = found.map(({ address, family }): Address => ({ address, family: family === 6 ? 6 : 4 }));
  return first ? [first, ...others] : null;
}
