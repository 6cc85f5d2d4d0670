import type { FastifyRequest } from 'fastify';
import type { Place } from '#engine/access/passkeys.ts';
import { bug } from '#kit/errors.ts';

/** The address under which people open this Perigon: `PERIGON_ADDRESS`, or without it what the request was sent to. */
export function placeOf(request: FastifyRequest): Place {
  const given = process.env['PERIGON_ADDRESS'];
  const url = URL.parse(given ?? `${request.protocol}://${request.host}`);
  if (!url || !/^https?:$/.test(url.protocol)) throw bug('PERIGON_ADDRESS is no address such as https://crm.example.com.');
  return { id: url.hostname, origin: url.origin };
}
