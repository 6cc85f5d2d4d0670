import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { keptIn } from '#engine/backup/kept.ts';
import { spanOf } from '#engine/backup/kept-log.ts';
import { type EmbeddedLog, OUTGOING } from '#engine/store/embedded-log.ts';
import { type Ask, type Finding, must, note, ok, wrong } from './finding.ts';
import { lookAtDisk } from './machine.ts';

const DAY_MS = 86_400_000;
/** A segment is taken every two seconds: so many that wait are not being taken. */
const WAITING = 20;

/** Whether what was lost could be brought back, and from when. */
export async function lookAtBackups(ask: Ask, folder: string, log: EmbeddedLog | null): Promise<Finding[]> {
  const [about] = await ask<{ company: boolean; daily: boolean; begun: string | null }>(
    `select exists (select 1 from settings where key = 'company') as company,
       coalesce((select (value ->> 'daily')::boolean from settings where key = 'backups'), true) as daily,
       (select min(at)::text from causes where kind = 'setup') as begun`,
  );
  if (!about?.company) return [];
  const [newest] = await keptIn(folder);
  const since = newest?.at ?? about.begun;
  const days = since === null ? 0 : Math.floor((Date.now() - new Date(since).getTime()) / DAY_MS);
  const last = newest
    ? `the last backup is of ${newest.at.slice(0, 16).replace('T', ' ')} UTC, in ${folder}`
    : `there is no backup in ${folder} yet`;
  const findings = about.daily
    ? [must(days <= 2, last, 'no server was there at night, or its backup failed; perigon backup FILE makes one')]
    : [note(`${last}; none is made by itself`, 'switch it on under Settings › Backups')];
  if (newest && existsSync(folder)) findings.push(lookAtDisk(folder, 'the folder of backups', newest.bytes * 2));
  return log && about.daily ? [...findings, ...(await lookAtLog(ask, folder, log))] : findings;
}

async function lookAtLog(ask: Ask, folder: string, log: EmbeddedLog): Promise<Finding[]> {
  const span = await spanOf(log, folder);
  if (!span) return [note('one can go back to a backup only', 'the next one brings the copy from which one goes back to any second')];
  const [archiver] = await ask<{ failing: boolean; name: string | null }>(
    `select coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as failing, last_failed_wal as name from pg_stat_archiver`,
  );
  if (archiver?.failing)
    return [
      wrong(
        `PostgreSQL cannot lay its log out (${archiver.name})`,
        `make room in ${join(log.folder, OUTGOING)} and give its owner the right to write there`,
      ),
    ];
  const waiting = readdirSync(join(log.folder, OUTGOING)).length;
  if (waiting > WAITING)
    return [
      wrong(
        `${waiting} pieces of the log wait to be put beside the backups`,
        `start a server, make room in ${folder}, or give it the right to write there`,
      ),
    ];
  return [ok(`one can go back to any second since ${span.from} (perigon restore --to)`)];
}
