import type { Vault } from '#engine/access/vault.ts';
import { isId } from '#kit/ids.ts';
import type { Booking } from '#modules/activities/index.ts';

/** The link of a guest to their own booking: its id and when the link ends, sealed, so that nobody makes one. */

const USE = 'booking';
/** It outlives the time that was booked, which may be moved; what is over is shown and no longer changed. */
const AFTER_MS = 30 * 86_400_000;
const ID_BYTES = 16;

/** The secret part of the link. */
export function linkOf(vault: Vault, booking: Pick<Booking, 'meeting' | 'end'>): string {
  const ends = Buffer.alloc(8);
  ends.writeBigInt64BE(BigInt(Date.parse(booking.end) + AFTER_MS));
  return vault.seal(Buffer.concat([Buffer.from(booking.meeting.replaceAll('-', ''), 'hex'), ends]), USE).toString('base64url');
}

/** The meeting that a link is of; null for one that has ended or was not made here. */
export function meetingOf(vault: Vault, link: string, now: Date): string | null {
  if (!/^[\w-]{40,120}$/.test(link)) return null;
  const opened = vault.open(Buffer.from(link, 'base64url'), USE);
  if (opened?.length !== ID_BYTES + 8 || Number(opened.readBigInt64BE(ID_BYTES)) < now.getTime()) return null;
  const id = opened
    .subarray(0, ID_BYTES)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return isId(id) ? id : null;
}
