import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '#engine/access/actor.ts';
import { loadActor } from '#engine/access/sign-in.ts';
import type { JobHandler } from '#engine/jobs/jobs.ts';
import { addNotices } from '#engine/notify/notices.ts';
import type { Context } from '#engine/record/context.ts';
import { loadSettings } from '#engine/record/settings.ts';
import { type Db, isDatabaseAway } from '#engine/store/db.ts';
import { isPerigonError } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { type Delivered, deliveryPath, type Reason } from './deliveries.ts';
import { dashboardNamed, reportNamed } from './named.ts';
import { type FileFormat, fileOf } from './report-file.ts';
import { readSheet, type Shown } from './sheet.ts';
import type { Speak } from './table.ts';

export interface Doors {
  db: Db;
  context(actor: Actor): Promise<Context>;
  speaking(language: string): Speak;
  /** Tells open pages that there is a notice. */
  notice(users: string[]): void;
  log(message: string, error?: unknown): void;
}

interface Plan {
  name: string;
  report: string | null;
  dashboard: string | null;
  format: FileFormat;
  owner: string | null;
  gone: boolean;
}
interface Recipient {
  id: string;
  user: string;
  language: string | null;
}

/**
 * Makes the files of one moment, one recipient after the other, each in that recipient's own rights. What is shown is what the plan's
 * owner may open: the plan shares the question, never its answer. A file lies under the id of its row before the row says so, and the
 * row is turned together with the notice: whoever goes on after a break makes a file again, but tells nobody twice.
 */
export const deliverJob =
  (o: Doors): JobHandler =>
  async ({ job, dataFolder, save, cancelled }) => {
    const [id, moment] = [String(job.payload.schedule), new Date(String(job.payload.moment))];
    const [plan] = await o.db.query<Plan>(
      `select name, report, dashboard, format, owner_id as owner, deleted_at is not null as gone from report_schedules where id = $1::uuid`,
      [id],
    );
    const rows = await o.db.query<Recipient>(
      `select d.id, d.user_id as "user", u.language from report_deliveries d left join users u on u.id = d.user_id
       where d.schedule = $1::uuid and d.moment = $2::timestamptz and d.state = 'waiting' order by d.id`,
      [id, moment.toISOString()],
    );
    const settings = await loadSettings(o.db);
    const owner = plan?.owner && !plan.gone ? await loadActor(o.db, plan.owner) : null;
    const lent = plan && owner?.rights.may('export') ? await o.context(owner) : null;
    let done = (job.total ?? rows.length) - rows.length;
    for (const row of rows) {
      if (cancelled()) return { unfinished: true };
      await deliver(row);
      await save(null, { done: ++done });
    }
    return { recipients: rows.length };

    async function deliver(row: Recipient): Promise<void> {
      try {
        const actor = await loadActor(o.db, row.user);
        const told = !plan || !lent ? 'ownerGone' : !actor ? 'gone' : !actor.rights.may('export') ? 'mayNot' : null;
        if (told !== null || !plan || !lent || !actor) return await settle(row, 'skipped', told ?? 'gone');
        const language = row.language ?? settings?.language ?? 'en';
        const speak = o.speaking(language);
        const shown = await shownBy(lent, plan, speak);
        const base = await o.context(actor);
        // “This month” is that of the moment, however late its file is made.
        const ctx: Context = { ...base, env: { ...base.env, now: moment } };
        const sheet = await readSheet(ctx, shown, { language, speak, company: settings?.name ?? '', reader: actor.name, read: new Date() });
        const file = await fileOf(sheet, plan.format, base.env.now);
        const path = deliveryPath(dataFolder, row.id, file.type);
        await mkdir(join(dataFolder, 'deliveries'), { recursive: true });
        // Two may be at the same row: each writes a draft of its own, and the one that turns the row puts its file in place.
        const draft = `${path}.${newId()}.draft`;
        try {
          await writeFile(draft, file.bytes);
          const put = () => rename(draft, path);
          await tell(row, { name: file.name, type: file.type, bytes: file.bytes.length }, sheet.title, put);
        } finally {
          await rm(draft, { force: true });
        }
      } catch (error) {
        if (isDatabaseAway(error)) throw error;
        if (isPerigonError(error, 'notFound')) return await settle(row, 'skipped', 'notThere');
        // One that cannot be made keeps nobody else from theirs.
        o.log(`a report could not be delivered (${row.id})`, error);
        await settle(row, 'failed', 'fault');
      }
    }

    async function settle({ id: delivery }: Recipient, state: 'skipped' | 'failed', reason: Reason): Promise<void> {
      await o.db.query(
        `update report_deliveries set state = $2::text, reason = $3::text, made_at = now() where id = $1::uuid and state = 'waiting'`,
        [delivery, state, reason],
      );
    }

    async function tell(row: Recipient, file: Delivered, title: string, put: () => Promise<void>): Promise<void> {
      const users = await o.db.transaction(async (tx) => {
        const turned = await tx.query(
          `update report_deliveries set state = 'done', made_at = now(), expires_at = now() + interval '30 days', name = $2::text, type = $3::text, bytes = $4::bigint
           where id = $1::uuid and state = 'waiting' returning id`,
          [row.id, file.name, file.type, file.bytes],
        );
        if (turned.length === 0) return [];
        await put();
        // The cause of the notice is the delivery: by it the notice leads to the file.
        const notice = {
          user: row.user,
          kind: 'delivered',
          object: null,
          record: null,
          count: 1,
          actor: null,
          cause: row.id,
          job: null,
          text: title,
        } as const;
        return addNotices(tx, [notice]);
      });
      o.notice(users);
    }
  };

async function shownBy(lent: Context, { report, dashboard }: Plan, speak: Speak): Promise<Shown> {
  if (dashboard) return dashboardNamed(lent, dashboard, speak);
  const one = await reportNamed(lent, report ?? '', speak);
  return { name: one.name, reports: [one], over: {} };
}
