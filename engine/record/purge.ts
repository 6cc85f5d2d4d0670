import { typeOf } from '#engine/declare/fields/index.ts';
import { linkTable } from '#engine/declare/fields/many-to-many/many-to-many.ts';
import { figuresOf, figuresTable } from '#engine/declare/figures.ts';
import { targetOf } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Tx } from '#engine/store/db.ts';
import type { Context } from './context.ts';
import { figuresBehind, reckonFigures } from './figures.ts';
import { forgetOut } from './outbox.ts';

/**
 * Takes records out of every table and out of the log, with what cannot be without them; empties what else names them. For what must
 * leave no trace: the sample company, and what was only about a person who is erased. The bytes of files go with the sweep of loose ones.
 * Causes that did nothing else go too, but for the one in `sparing`: of a cause that is taken away piece by piece the caller asks once, at
 * the end, whether anything of it is left.
 */
export async function purge(
  tx: Tx,
  ctx: Context,
  object: ModelObject,
  ids: readonly string[],
  sparing: string | null = null,
): Promise<void> {
  // A reader of the log that is at work on these rows is let finish, so that it cannot write anew what is taken away here.
  await tx.query('select name from consumers order by name for update');
  for (const { object: child, field } of ctx.model.pointingTo(object.key)) {
    const column = `${field.column}_id`;
    if (field.required) {
      const rows = await tx.query<{ id: string }>(`select id from ${child.table} where ${column} = any($1::uuid[])`, [ids]);
      const below = rows.map((row) => row.id).filter((id) => child.key !== object.key || !ids.includes(id));
      if (below.length > 0) await purge(tx, ctx, child, below, sparing);
    } else
      await tx.query(`update ${child.table} set ${column} = null where ${column} = any($1::uuid[]) and not id = any($1::uuid[])`, [ids]);
  }
  // What is about these records goes with them.
  for (const about of ctx.model.objects.values()) {
    const [name, record] = [about.fields.get(about.about?.object ?? ''), about.fields.get(about.about?.record ?? '')];
    if (!name || !record) continue;
    const rows = await tx.query<{ id: string }>(
      `select id from ${about.table} where ${name.column} = $1::text and ${record.column} = any($2::uuid[])`,
      [object.key, ids],
    );
    if (rows.length > 0)
      await purge(
        tx,
        ctx,
        about,
        rows.map((row) => row.id),
        sparing,
      );
  }
  for (const any of ctx.model.objects.values())
    for (const field of any.declared)
      if (typeOf(field).storage === 'link' && (any.key === object.key || targetOf(field) === object.key))
        await tx.query(`delete from ${linkTable(field)} where ${any.key === object.key ? 'from_id' : 'to_id'} = any($1::uuid[])`, [ids]);
  // Figures that stand on these records lose them without a word in the log.
  const behind = await figuresBehind(tx, ctx.model, object, ids);
  await tx.query(`delete from ${object.table} where id = any($1::uuid[])`, [ids]);
  if (figuresOf(object).length > 0) await tx.query(`delete from ${figuresTable(object)} where id = any($1::uuid[])`, [ids]);
  await tx.query('delete from external_ids where record_id = any($1::uuid[])', [ids]);
  await tx.query('delete from identifiers where record_id = any($1::uuid[])', [ids]);
  await tx.query('delete from search where record_id = any($1::uuid[])', [ids]);
  await tx.query('delete from search_followed where record_id = any($1::uuid[])', [ids]);
  await tx.query('delete from match_prints where record_id = any($1::uuid[])', [ids]);
  await tx.query('delete from duplicates where one = any($1::uuid[]) or other = any($1::uuid[])', [ids]);
  await tx.query('delete from personal_acts where party_id = any($1::uuid[])', [ids]);
  await tx.query('delete from notices where record_id = any($1::uuid[]) or user_id = any($1::uuid[]) or actor_id = any($1::uuid[])', [ids]);
  await tx.query('delete from reminders where record_id = any($1::uuid[]) or user_id = any($1::uuid[])', [ids]);
  await tx.query('delete from booking_holds where meeting = any($1::uuid[]) or host = any($1::uuid[])', [ids]);
  await tx.query('delete from meeting_times where meeting = any($1::uuid[]) or user_id = any($1::uuid[])', [ids]);
  await tx.query('delete from calendar_people where user_id = any($1::uuid[]) or person = any($1::uuid[])', [ids]);
  await tx.query('delete from call_holds where entry = any($1::uuid[]) or user_id = any($1::uuid[])', [ids]);
  // A file that no record holds any more is one that was never attached: the sweep of those takes its bytes, too.
  await tx.query(
    `with gone as (delete from file_uses where record_id = any($1::uuid[]) returning file_id)
     update files f set attached_at = null where f.id in (select file_id from gone)
       and not exists (select 1 from file_uses u where u.file_id = f.id and not u.record_id = any($1::uuid[]))`,
    [ids],
  );
  if (object.key === 'leadForm')
    for (const table of ['lead_form_seen', 'lead_form_refusals'])
      await tx.query(`delete from ${table} where form = any($1::uuid[])`, [ids]);
  if (object.key === 'user')
    for (const table of [
      'credentials',
      'sessions',
      'api_keys',
      'sign_ins',
      'second_factors',
      'recovery_codes',
      'sign_in_steps',
      'entry_links',
      'sign_in_devices',
      'passkeys',
      'passkey_challenges',
      'oidc_identities',
      'oauth_codes',
      'home_choices',
      'calendar_feeds',
      'calendar_sources',
      'calendar_events',
    ])
      await tx.query(`delete from ${table} where user_id = any($1::uuid[])`, [ids]);
  if (object.key === 'user')
    await tx.query(
      `with gone as (delete from oauth_grants where user_id = any($1::uuid[]) returning id) delete from oauth_tokens where grant_id in (select id from gone)`,
      [ids],
    );
  if (object.key === 'user') await tx.query('delete from views where owner_id = any($1::uuid[])', [ids]);
  await tx.query('delete from dead_letters where record_id = any($1::uuid[])', [ids]);
  await tx.query(
    `with gone as (delete from flow_runs where record_id = any($1::uuid[]) or flow = any($1::uuid[]) returning id) delete from flow_run_steps where run in (select id from gone)`,
    [ids],
  );
  await forgetOut(tx, ids);
  if (object.key === 'flow')
    for (const table of ['flow_versions', 'flow_rates', 'flow_turns', 'flow_clocks', 'flow_secrets', 'flow_inbound'])
      await tx.query(`delete from ${table} where flow = any($1::uuid[])`, [ids]);
  if (object.key === 'user' || object.key === 'assignmentRule')
    await tx.query('delete from assignment_turns where rule = any($1::uuid[]) or member = any($1::uuid[])', [ids]);
  if (object.key === 'retentionRule') await tx.query('delete from retention_runs where rule = any($1::uuid[])', [ids]);
  await tx.query('delete from report_deliveries where schedule = any($1::uuid[]) or user_id = any($1::uuid[])', [ids]);
  if (object.key === 'embed') await tx.query('delete from embed_calls where embed = any($1::uuid[])', [ids]);
  if (object.key === 'webhook') await tx.query('delete from webhook_states where webhook = any($1::uuid[])', [ids]);
  const causes = await tx.query<{ cause: string }>(
    'with gone as (delete from changes where record_id = any($1::uuid[]) returning cause) select distinct cause from gone',
    [ids],
  );
  await forgetCauses(
    tx,
    causes.map(({ cause }) => cause).filter((cause) => cause !== sparing),
  );
  for (const mend of behind) await reckonFigures(tx, ctx.model, mend.object, mend.ids);
}

/** Takes causes away of which the log holds nothing any more, and what they are listed under. */
export async function forgetCauses(tx: Tx, causes: readonly string[]): Promise<void> {
  if (causes.length === 0) return;
  await tx.query(
    'delete from cause_objects b where b.cause = any($1::uuid[]) and not exists (select 1 from changes where cause = b.cause and object = b.object)',
    [causes],
  );
  await tx.query('delete from causes c where c.id = any($1::uuid[]) and not exists (select 1 from changes where cause = c.id)', [causes]);
}
