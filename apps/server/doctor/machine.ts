import { readFileSync, statfsSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import * as os from 'node:os';
import { connect, type PeerCertificate } from 'node:tls';
import type { Tenant } from '#engine/store/data-folder.ts';
import { reasonOf } from '#engine/store/start-refusal.ts';
import type { Environment } from '../environment.ts';
import { type Finding, must, note, ok, wrong } from './finding.ts';

const GIGABYTE = 1024 ** 3;
const MEGABYTE = 1024 ** 2;
const DAY_MS = 86_400_000;

/** Room on a disk. */
export function lookAtDisk(folder: string, what: string, needs = GIGABYTE): Finding {
  const disk = statfsSync(folder);
  const free = disk.bavail * disk.bsize;
  const line = `${what} ${folder} has ${(free / GIGABYTE).toFixed(1)} GB free`;
  if (disk.files > 0 && disk.ffree < disk.files / 100) return wrong(`${line}, and hardly a place for one more file`, 'make room there');
  return must(free > needs, line, `make room there, ${(needs / GIGABYTE).toFixed(1)} GB are needed`);
}

/** Backups that lie on the disk of the data go with it. */
export function lookAtSameDisk(data: string, backups: string): Finding[] {
  const [one, two] = [statSync(data), statSync(backups, { throwIfNoEntry: false })];
  return two && one.dev === two.dev
    ? [note('the backups lie on the same disk as the data', 'set PERIGON_BACKUPS to a folder on another one')]
    : [];
}

/** Memory that can still be had, and what servers take. */
export function lookAtMemory(servers: readonly Tenant[]): Finding[] {
  const limit = process.constrainedMemory();
  const all = limit > 0 && limit < os.totalmem() ? limit : os.totalmem();
  const free = Number(/^MemAvailable:\s+(\d+) kB/m.exec(textOf('/proc/meminfo'))?.[1] ?? os.freemem() / 1024) * 1024;
  const findings = [
    must(
      free > 256 * MEGABYTE,
      `${(free / GIGABYTE).toFixed(1)} GB of ${(all / GIGABYTE).toFixed(1)} GB of memory are free`,
      'end other programs, or give this machine more',
    ),
  ];
  for (const server of servers) {
    const taken = Number(/^VmRSS:\s+(\d+) kB/m.exec(textOf(`/proc/${server.pid}/status`))?.[1] ?? 0) / 1024;
    if (taken > 0)
      findings.push(must(taken < 2048, `the server takes ${Math.round(taken)} MB`, 'restart it, and report it if it grows again'));
  }
  return findings;
}

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** Who can reach this server, and whether what they type can be read on the way. */
export function lookAtListening(environment: Environment): Finding[] {
  const own = ['127.0.0.1', '::1', 'localhost'].includes(environment.host);
  if (own || process.env['PERIGON_TRUST_PROXY'] === '1') return [];
  return [
    note(
      `it listens on ${environment.host} without a proxy in front, so passwords travel readable`,
      'put a proxy with TLS in front, set HOST=127.0.0.1 and PERIGON_TRUST_PROXY=1',
    ),
  ];
}

/** The address that people use: whether it answers with Perigon, and how long its certificate holds. */
export async function lookAtAddress(typed: string): Promise<Finding[]> {
  if (!URL.canParse(typed) || !/^https?:$/.test(new URL(typed).protocol))
    return [wrong(`${typed} is no address`, 'write it as https://crm.example')];
  const url = new URL(typed);
  const findings: Finding[] = [];
  if (url.protocol === 'https:') {
    const certificate = await certificateOf(url).catch((error: unknown) => reasonOf(error));
    if (typeof certificate === 'string')
      return [wrong(`${url.origin} cannot be reached (${certificate})`, 'start the proxy there, or correct its name in the DNS')];
    findings.push(judgeCertificate(url.hostname, certificate, new Date()));
  } else findings.push(note(`${url.origin} has no certificate`, 'put a proxy with TLS in front'));
  if (findings.some(({ is }) => is === 'wrong')) return findings;
  const answer = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => reasonOf(error));
  const is = typeof answer === 'string' ? answer : String(answer.status);
  findings.push(
    must(
      is === '200' && typeof answer !== 'string' && answer.headers.has('x-request-id'),
      `${url.origin} answers as Perigon${is === '200' ? '' : ` (${is})`}`,
      'lead the proxy to the address of the server, and start that',
    ),
  );
  return findings;
}

export interface Certificate {
  validTo: string;
  /** Why it is not trusted, in the words of the TLS library. */
  fault: string | null;
}

function certificateOf(url: URL): Promise<Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      {
        host: url.hostname,
        port: Number(url.port || 443),
        servername: isIP(url.hostname) === 0 ? url.hostname : '',
        rejectUnauthorized: false,
      },
      () => {
        const held: PeerCertificate = socket.getPeerCertificate();
        resolve({ validTo: held.valid_to, fault: socket.authorized ? null : String(socket.authorizationError) });
        socket.end();
      },
    );
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
  });
}

/** How a certificate is to be judged at a moment. */
export function judgeCertificate(host: string, { validTo, fault }: Certificate, now: Date): Finding {
  const days = Math.floor((Date.parse(validTo) - now.getTime()) / DAY_MS);
  const renew = 'renew it; a proxy such as Caddy does so by itself';
  if (days < 0) return wrong(`the certificate of ${host} ran out on ${new Date(validTo).toISOString().slice(0, 10)}`, renew);
  if (fault !== null)
    return wrong(`browsers do not trust the certificate of ${host} (${fault})`, 'use one of a public authority, with the whole chain');
  if (days < 14) return wrong(`the certificate of ${host} runs out in ${days} days`, renew);
  return ok(`the certificate of ${host} holds for ${days} days`);
}

/** The clocks of this machine and of the database: times that one writes the other compares. */
export function judgeClock(offMs: number): Finding {
  const seconds = Math.abs(offMs) / 1000;
  return must(
    seconds < 2,
    `the clocks of this machine and of the database differ by ${seconds.toFixed(1)} s`,
    'let both follow a time server (NTP)',
  );
}
