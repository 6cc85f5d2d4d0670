import { MOVED_AT_ONCE } from '#engine/store/partition-plan.ts';
import { lookAtPartitions } from '#engine/store/partitions.ts';
import { type Ask, type Finding, must, note, ok, wrong } from './finding.ts';

/** So many changes behind is more than a burst of writing leaves for a moment. */
const FAR_BEHIND = 100_000;

/** What runs beside the requests: jobs, readers of the log, flows, what is sent, webhooks, figures, partitions. */
export async function lookAtWork(ask: Ask): Promise<Finding[]> {
  return [...(await jobs(ask)), ...(await readers(ask)), ...(await sending(ask)), ...(await figures(ask)), ...(await partitions(ask))];
}

async function jobs(ask: Ask): Promise<Finding[]> {
  const [count] = await ask<{ queued: number; running: number; waiting: number }>(`
    select count(*) filter (where state = 'queued')::int as queued, count(*) filter (where state = 'running')::int as running,
           coalesce(extract(epoch from now() - min(created_at) filter (where state = 'queued')), 0)::int as waiting from jobs`);
  const failed = await ask<{ kind: string; n: number; error: string | null; last: string }>(`
    select kind, count(*)::int as n, (array_agg(error order by created_at desc))[1] as error, (array_agg(id::text order by created_at desc))[1] as last
    from jobs where state = 'failed' and created_at > now() - interval '1 day' group by kind order by kind`);
  const findings = [
    must(
      (count?.waiting ?? 0) < 3600,
      `jobs: ${count?.running ?? 0} running, ${count?.queued ?? 0} waiting`,
      'the oldest has waited for over an hour; start a server that works (perigon start --role worker)',
    ),
  ];
  for (const { kind, n, error, last } of failed)
    findings.push(
      wrong(
        `${n} jobs of the kind ${kind} failed since yesterday, the last with “${error ?? 'no word'}”`,
        `look for job ${last} in the server's log, then begin it again`,
      ),
    );
  return findings;
}

async function readers(ask: Ask): Promise<Finding[]> {
  const rows = await ask<{ name: string; behind: number; idle: number }>(`
    select name, ((select coalesce(max(seq), 0) from changes) - cursor)::float8 as behind, extract(epoch from now() - updated_at)::int as idle from consumers order by name`);
  const findings: Finding[] = [];
  for (const { name, behind, idle } of rows) {
    if (behind > FAR_BEHIND)
      findings.push(
        wrong(
          `“${name}” is ${behind} changes behind the log`,
          'let the server run, or give it a machine of its own (perigon start --role worker)',
        ),
      );
    else if (behind > 0 && idle > 600)
      findings.push(note(`“${name}” stands still ${behind} changes behind the log`, 'start a server; if one runs, its log says why'));
  }
  if (findings.length === 0)
    findings.push(ok(`what follows from the log is ${Math.max(0, ...rows.map(({ behind }) => behind))} changes behind`));
  const letters = await ask<{ consumer: string; n: number; error: string }>(
    `select consumer, count(*)::int as n, (array_agg(error order by seq))[1] as error from dead_letters group by consumer order by 1`,
  );
  if (letters.length === 0) findings.push(ok('every row of the log was taken in'));
  for (const { consumer, n, error } of letters)
    findings.push(
      wrong(
        `${n} rows of the log could not be taken in by “${consumer}”, the first with “${error}”`,
        consumer === 'figures' ? 'update, then perigon rebuild-figures' : 'report it with that line; the records themselves are saved',
      ),
    );
  return findings;
}

async function sending(ask: Ask): Promise<Finding[]> {
  const [count] = await ask<{ failed: number; dead: number; doubt: number; off: { name: string; problem: string }[] | null }>(`
    select (select count(*)::int from flow_runs where state = 'failed' and finished_at > now() - interval '1 day') as failed,
           (select count(*)::int from outbox where dead_at is not null) as dead,
           (select count(*)::int from outbox_open where state = 'inDoubt') as doubt,
           (select json_agg(json_build_object('name', name, 'problem', problem) order by name)
            from webhooks where not active and problem is not null and deleted_at is null) as off`);
  const { failed, dead, doubt, off } = count ?? { failed: 0, dead: 0, doubt: 0, off: null };
  const findings = [
    must(
      failed === 0,
      `flows: ${failed} runs failed since yesterday`,
      'look at Settings › Automations, mend the step, run them again (GET /api/v1/flow-runs?state=failed)',
    ),
    must(dead === 0, `outbox: ${dead} could not be sent`, 'look why and send them again (GET /api/v1/outbox?state=dead)'),
  ];
  if (doubt > 0)
    findings.push(note(`outbox: of ${doubt} it is not known whether they arrived`, 'they are sent again under the same id by themselves'));
  for (const { name, problem } of off ?? [])
    findings.push(
      wrong(`the webhook “${name}” was switched off: ${problem}`, 'mend its receiver, then switch it on and replay what it missed'),
    );
  return findings;
}

async function figures(ask: Ask): Promise<Finding[]> {
  const building = await ask<{ name: string }>(`select object || '.' || field as name from figures where state = 'building' order by 1`);
  return building.length > 0
    ? [note(`figures are being reckoned for the records that are there: ${building.map(({ name }) => name).join(', ')}`)]
    : [];
}

async function partitions(ask: Ask): Promise<Finding[]> {
  const reports = await lookAtPartitions({ query: (sql, values) => ask(sql, values ? [...values] : undefined) });
  return reports.map(({ table, partitions: n, strays, ahead, tooMany }) => {
    if (!ahead)
      return note(
        `${table}: this year or the next has no partition of its own`,
        'a server that runs makes it within the hour, or its log says why',
      );
    if (tooMany)
      return note(`${table} lies in ${n} partitions`, 'more than 40 slow every plan down; a retention rule takes old years away');
    if (strays > MOVED_AT_ONCE)
      return note(
        `${table}: ${Math.round(strays)} rows lie in the default partition`,
        'they are served all the same; look whether their dates are right',
      );
    return ok(`${table} lies in ${n} partitions, with this year and the next`);
  });
}
