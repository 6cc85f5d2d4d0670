import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { type Actor, systemAs } from '#engine/access/actor.ts';
import { forgetOldDevices } from '#engine/access/devices.ts';
import { sweepOAuth } from '#engine/access/oauth.ts';
import { loadActor } from '#engine/access/sign-in.ts';
import { forgetOldSignIns } from '#engine/access/sign-in-log.ts';
import { forgetOldTries } from '#engine/access/tries.ts';
import { Metrics } from '#engine/api/metrics.ts';
import { buildServer } from '#engine/api/server.ts';
import { backUpBeforeMigrating } from '#engine/backup/before-migrating.ts';
import { backUpDaily, backupFolder, backupJob, followPlan } from '#engine/backup/kept.ts';
import { LogKeeper } from '#engine/backup/kept-log.ts';
import type { Model } from '#engine/declare/model.ts';
import { exportJob } from '#engine/export/exports.ts';
import { buildNew, figuresJob, loadBuilding, noteFigures } from '#engine/figures/building.ts';
import { figureFollower } from '#engine/figures/follower.ts';
import { type FilePlace, fileLimit, sweepFiles } from '#engine/files/files.ts';
import { openFileStore } from '#engine/files/store.ts';
import type { Ports } from '#engine/flows/doing.ts';
import { flowFollower } from '#engine/flows/follower.ts';
import { FlowRunner } from '#engine/flows/runner.ts';
import { tick } from '#engine/flows/schedule.ts';
import { sweepRuns } from '#engine/flows/sweep.ts';
import { Versions } from '#engine/flows/versions.ts';
import { lookAround } from '#engine/flows/watching.ts';
import { nearestRecords } from '#engine/identity/duplicates.ts';
import { duplicateFollower } from '#engine/identity/follower.ts';
import { lookAgain, scanJob } from '#engine/identity/scan.ts';
import { importJob } from '#engine/import/import.job.ts';
import type { ImportPlace } from '#engine/import/imports.ts';
import { bulkJob } from '#engine/jobs/bulk.job.ts';
import { handOverJob } from '#engine/jobs/hand-over.job.ts';
import { enqueueJob, type JobHandler, JobRunner } from '#engine/jobs/jobs.ts';
import { mergeJob } from '#engine/jobs/merge.job.ts';
import { territoriesJob } from '#engine/jobs/territories.job.ts';
import { undoJob } from '#engine/jobs/undo.job.ts';
import { LiveHub } from '#engine/live/hub.ts';
import { tellEndingKeys } from '#engine/notify/ending-keys.ts';
import { addNotices } from '#engine/notify/notices.ts';
import { notifier } from '#engine/notify/notifier.ts';
import { forgetOldReminders, sendReminders } from '#engine/notify/reminders.ts';
import { Connections } from '#engine/outbox/connections.ts';
import { guardedFetch } from '#engine/outbox/guarded-fetch.ts';
import { noteOutcomes } from '#engine/outbox/health.ts';
import { OutboxSender } from '#engine/outbox/sender.ts';
import { webhookFollower } from '#engine/outbox/telling.ts';
import { sendWebhook } from '#engine/outbox/webhook.ts';
import { erasedAmong, erasureJob } from '#engine/privacy/erasure.ts';
import { personExportJob } from '#engine/privacy/export.ts';
import { retainDaily, retentionJob } from '#engine/privacy/retention.ts';
import { measureDaily, qualityJob } from '#engine/quality/measure.ts';
import type { RuleBook } from '#engine/record/context.ts';
import { type Cause, type Context, newCause } from '#engine/record/context.ts';
import { runFills } from '#engine/record/fills.ts';
import { resumeMerges } from '#engine/record/merge.ts';
import type { ModelSource } from '#engine/record/model-source.ts';
import type { Module } from '#engine/record/module.ts';
import { bringGrants } from '#engine/record/role-grants.ts';
import { ruleBook } from '#engine/record/rules.ts';
import { type CompanySettings, loadSettings, valueEnv } from '#engine/record/settings.ts';
import { forgetOldRequests } from '#engine/record/transact.ts';
import { lookAtAlerts } from '#engine/reports/alerts.ts';
import { deliverJob } from '#engine/reports/deliver.job.ts';
import { sweepDeliveries } from '#engine/reports/deliveries.ts';
import { tickSchedules } from '#engine/reports/schedules.ts';
import { followDeclarations } from '#engine/search/followed.ts';
import { searchIndexer } from '#engine/search/index-reader.ts';
import { learnAllWordsOnce } from '#engine/search/words.ts';
import { type Db, openDb } from '#engine/store/db.ts';
import type { EmbeddedLog } from '#engine/store/embedded-log.ts';
import { asWork, type Watcher, watchAll } from '#engine/store/origin.ts';
import { keepPartitions } from '#engine/store/partitions.ts';
import { applyIndexes, applyMigrations, applyTables } from '#engine/store/schema.ts';
import { notFound } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import { extendSeries, readSources } from '#modules/activities/index.ts';
import { forecastDaily, forecastJob } from '#modules/forecast/take.ts';
import { modules } from '#modules/index.ts';
import { forgetOldAnswers } from '#modules/leads/index.ts';
import { leadFollower } from '#modules/leads/score-follower.ts';
import { leadScoresJob, scoreDaily } from '#modules/leads/score-job.ts';
import { tellUnassigned } from '#modules/leads/unassigned.ts';
import { actionJob } from './action.job.ts';
import { perigonVersion, readLogSettings } from './environment.ts';
import { flowJob } from './flow.job.ts';
import { type Log, openLog } from './log.ts';
import { openModels, refuseTakenAddresses } from './open-models.ts';
import { routesOf } from './routes.ts';
import { sampleJob } from './sample/load.ts';
import { sampleRemoveJob } from './sample/remove.ts';
import { addUser, type CompanySetUp, type NewUser, setUpCompany } from './set-up.ts';
import { slowQueries } from './slow-queries.ts';
import { speaking } from './spoken.ts';
import { Sweeps } from './sweeps.ts';

/** Everything that is one running Perigon over one database: what the server, the worker and the command line start from. */
export interface Product {
  db: Db;
  /** As it stands now; what runs keeps the one of its context. */
  readonly model: Model;
  rules: RuleBook;
  http: FastifyInstance;
  /** Addresses that are mounted, as `METHOD /path/:param`. */
  mounted: readonly string[];
  dataFolder: string;
  handlers: ReadonlyMap<string, JobHandler>;
  /** Where files to import lie, and the queue their jobs go to. */
  importPlace: ImportPlace;
  /** Begins background work (jobs, search index) and opens the first connections. */
  start(): Promise<void>;
  ready(): Promise<boolean>;
  /** Ends in order; for `drainMs` it still takes requests while `/readyz` says no. */
  stop(drainMs?: number): Promise<void>;
  /** A context for an actor; what is written in it shares the cause. */
  context(actor: Actor, cause?: Cause): Promise<Context>;
  /** The context of the command line: the system, or the user of `--as`. */
  commandContext(as: string | undefined, cause?: Cause): Promise<Context>;
  /** Makes company, roles and pipeline, and the first administrator where one is given; gives their id. */
  setUp(values: CompanySetUp): Promise<string | null>;
  addUser(ctx: Context, values: NewUser): Promise<string>;
}

export interface ProductOptions {
  url: string;
  dataFolder: string;
  role?: 'all' | 'web' | 'worker';
  /** Connections of the writing pool. */
  connections?: number;
  /** Modules beside the built-in ones. */
  modules?: readonly Module[];
  /** Without one faults alone are logged. */
  log?: Log;
  /** Statements that take at least so many milliseconds are logged; without a word none is. */
  slowQueryMs?: number | null;
  /** The log of the embedded database, kept beside the backups; without it one can only go back to a backup. */
  databaseLog?: EmbeddedLog | null;
  /** Who looks on beside the figures and the log: traces. */
  watchers?: readonly Watcher[];
}

/** Opens the product over a database that is up: schema first, then the server, which does not listen yet. */
export async function openProduct(o: ProductOptions): Promise<Product> {
  const role = o.role ?? 'all';
  const log = o.log ?? openLog({ ...readLogSettings(), level: 'warn' });
  const metrics = new Metrics();
  const watch = watchAll([metrics, ...(typeof o.slowQueryMs === 'number' ? [slowQueries(log, o.slowQueryMs)] : []), ...(o.watchers ?? [])]);
  const db = openDb(o.url, { max: o.connections ?? 6, applicationName: `perigon-${role}`, watch });
  try {
    const all = [...modules, ...(o.modules ?? [])];
    await backUpBeforeMigrating({
      db,
      folder: backupFolder(o.dataFolder),
      log: o.databaseLog ?? null,
      version: perigonVersion(),
      say: log.fault,
    });
    await applyMigrations(db);
    const models = await openModels(db, o.modules ?? [], all, log.fault);
    const objects = [...models.current.objects.values()];
    await applyIndexes(db, objects, await applyTables(db, objects));
    await noteFigures(db, models.current);
    return await assemble(o, role, { db, models, all, log, metrics, watch });
  } catch (error) {
    await db.end().catch(() => undefined);
    throw error;
  }
}

/** Work that took longer is told of when it ends. */
const TELL_AFTER_MS = 5000;
/** What was begun when a server stops is answered within this time. */
const ANSWER_MS = 1_500;

/** For how long the company's settings are taken as read. */
const SETTINGS_MS = 2000;

/** What a product is put together from. */
interface Parts {
  db: Db;
  models: ModelSource;
  all: readonly Module[];
  log: Log;
  metrics: Metrics;
  watch: Required<Watcher>;
}

async function assemble(
  o: ProductOptions,
  role: 'all' | 'web' | 'worker',
  { db, models, all, log: logging, metrics, watch }: Parts,
): Promise<Product> {
  const log = logging.fault;
  await mkdir(join(o.dataFolder, 'files'), { recursive: true });
  const files: FilePlace = { store: openFileStore(o.dataFolder), temporary: join(o.dataFolder, 'incoming'), maxBytes: fileLimit() };
  const rules = ruleBook(all.flatMap((module) => module.rules ?? []));
  const keeper = o.databaseLog ? new LogKeeper(o.databaseLog, backupFolder(o.dataFolder), log) : null;
  const actions = new Map(all.flatMap((module) => module.runs ?? []).map((action) => [action.declaration.key, action]));
  let held: { settings: CompanySettings | null; building: ReadonlySet<string>; until: number } | null = null;
  let moves = 0;
  models.onMoved(() => {
    moves++;
    held = null;
  });
  const settings = async (): Promise<NonNullable<typeof held>> => {
    if (held && held.until >= performance.now()) return held;
    const begun = moves;
    // On a connection that no writer holds: who follows the log asks while it holds one of those.
    const loaded = {
      settings: await loadSettings({ query: db.keyed }),
      building: await loadBuilding({ query: db.keyed }),
      until: performance.now() + SETTINGS_MS,
    };
    // What was read before the catalogue moved knows nothing of its new figures.
    if (begun !== moves) return settings();
    held = loaded;
    return loaded;
  };
  const indexer = searchIndexer(db, models, log);
  const duplicates = duplicateFollower(db, models, log);
  let forget: () => void = () => undefined;
  const live = new LiveHub({ db, models, log, accessChanged: () => forget() });
  const notices = notifier({ db, models, log, tell: (users) => live.notice(users) });
  const figures = figureFollower({ db, models, enqueue: enqueueJob, log, moved: (moved) => live.figures(moved) });
  const leadsMoved = (ids: string[]) => live.figures([{ object: 'lead', ids, keys: ['score', 'grade'] }]);
  const leads = leadFollower({
    db,
    context: async () => {
      await models.newest();
      return context(systemAs('leads'));
    },
    enqueue: enqueueJob,
    log,
    moved: leadsMoved,
  });
  // A flow may be about what another server made a moment ago.
  const ofFlows = async () => {
    await models.newest();
    return context(systemAs('flows'));
  };
  const versions = new Versions();
  const ports: Ports = {
    actions,
    async notify(tx, told) {
      const users = await addNotices(
        tx,
        told.map((notice) => ({ ...notice, count: 1, actor: null, job: null })),
      );
      tx.afterCommit(() => live.notice(users));
    },
  };
  const flowRunner: FlowRunner = new FlowRunner({
    db,
    context: ofFlows,
    ports,
    async beside() {
      await lookAround({ db, context: ofFlows }, versions);
      return tick({ db, context: ofFlows, log }, versions);
    },
    log,
  });
  // Nothing is sent to private addresses, unless the company's own programs live there.
  const privateToo = process.env.PERIGON_PRIVATE_WEBHOOKS === '1';
  const ofWebhooks = () => context(systemAs('webhooks'), newCause('job', 'webhooks'));
  const connections = new Connections({ privateToo });
  const outbox: OutboxSender = new OutboxSender({
    db,
    kinds: { webhook: (thing) => sendWebhook(connections, thing) },
    noted: async (outcomes) =>
      noteOutcomes(await ofWebhooks(), outcomes, (tx, off) =>
        ports.notify(
          tx,
          off.flatMap(({ webhook, user, name }) =>
            user === null ? [] : [{ user, kind: 'webhook', object: 'webhook', record: webhook, cause: newId(), text: name }],
          ),
        ),
      ),
    log,
  });
  const webhooks = webhookFollower({ db, models, context: ofWebhooks, queued: () => outbox.wake(), log });
  const flows = flowFollower({ db, models, context: ofFlows, started: () => flowRunner.wake(), log });
  const context = async (actor: Actor, cause: Cause = newCause('job')): Promise<Context> => ({
    db,
    model: models.current,
    rules,
    actor,
    cause,
    env: valueEnv((await settings()).settings),
    building: (await settings()).building,
    wrote: () => {
      indexer.wake();
      duplicates.wake();
      figures.wake();
      leads.wake();
      notices.wake();
      flows.wake();
      webhooks.wake();
      live.wrote();
    },
  });

  const product: Omit<Product, 'http' | 'mounted' | 'start' | 'stop' | 'ready' | 'model'> = {
    db,
    rules,
    dataFolder: o.dataFolder,
    context,
    importPlace: { dataFolder: o.dataFolder, enqueue: enqueueJob },
    handlers: new Map<string, JobHandler>([
      ['undo', undoJob],
      ['action', actionJob(actions)],
      ['import', (run) => importJob({ ...run, nearest: nearestRecords, erased: erasedAmong })],
      ['export', exportJob],
      ['erasure', erasureJob(files.store)],
      ['personExport', personExportJob(files.store)],
      ['bulk', bulkJob],
      ['duplicates', scanJob],
      ['figures', (run) => figuresJob(run, enqueueJob)],
      ['handOver', handOverJob],
      ['merge', mergeJob],
      ['quality', qualityJob],
      ['retention', retentionJob],
      ['deliver', deliverJob({ db, context, speaking, notice: (users) => live.notice(users), log })],
      ['backup', backupJob({ db, files: files.store, folder: backupFolder(o.dataFolder), version: perigonVersion(), keeper })],
      ['flow', flowJob],
      ['forecast', forecastJob],
      ['leadScores', leadScoresJob(leadsMoved)],
      ['territories', territoriesJob],
      ['sample', sampleJob],
      ['sampleRemove', sampleRemoveJob],
    ]),
    async commandContext(as, cause = newCause('request', 'command line')) {
      if (as === undefined) return context(systemAs('command line'), cause);
      const [row] = await db.query<{ id: string }>(
        'select id from users where perigon_fold(email) collate "C" = perigon_fold($1::text) collate "C" and deleted_at is null',
        [as],
      );
      const actor = row && (await loadActor(db, row.id));
      if (!actor) throw notFound(`No active user has the e-mail address ${as}.`);
      // Whoever has the machine needs no further proof.
      return context({ ...actor, provedUntil: Number.POSITIVE_INFINITY }, cause);
    },
    async setUp(values) {
      const userId = await setUpCompany({ db, all, context }, values);
      held = null;
      return userId;
    },
    addUser,
  };

  // Who signs out here is out at once, on open streams and other servers, too.
  const accessMoved = () => {
    forget();
    live.accessMoved();
  };
  let stopping = false;
  let filling: Promise<void> = Promise.resolve();
  const routes = routesOf({
    db,
    models,
    actions,
    ports,
    live,
    files,
    dataFolder: o.dataFolder,
    databaseLog: o.databaseLog ?? null,
    importPlace: product.importPlace,
    setUp: async (values) => (await product.setUp(values)) ?? '',
    context,
    forget: accessMoved,
    log,
  });
  refuseTakenAddresses(models.current, routes);
  const ready = async () => {
    await db.query('select 1');
    return true;
  };
  const server = await buildServer({
    db,
    models,
    routes,
    context,
    ready,
    log,
    answered: logging.answered,
    watch,
    metrics,
    streams: () => live.size,
    webRoot: webRoot(),
  });
  forget = server.forget;
  asWork('catalogue', () => models.follow());
  const env = async () => valueEnv((await settings()).settings);
  const partitions = () => keepPartitions(db, models.current.objects.values());
  const sweeps = new Sweeps(
    log,
    {
      // Nobody will repeat those any more.
      'Old keys of requests could not be removed': () => forgetOldRequests(db),
      'Old tries to sign in could not be removed': async () => {
        await forgetOldTries(db);
        await forgetOldDevices(db);
      },
      'Old sign-ins could not be removed': () => forgetOldSignIns(db),
      'Old codes and tokens could not be removed': () => sweepOAuth(db),
      'Nobody could be told of keys that end': async () => live.notice(await tellEndingKeys(db)),
      'Old reminders could not be removed': () => forgetOldReminders(db),
      'What was sent to web forms could not be forgotten': () => forgetOldAnswers(db),
      'Meetings that repeat could not be laid out': async () => extendSeries(await context(systemAs('meetings'))),
      'The partitions could not be looked after': partitions,
      'Old runs of flows could not be removed': () => sweepRuns(db),
      'Files that nobody uses could not be removed': () => sweepFiles(db, files),
      'Delivered reports could not be removed': () => sweepDeliveries(db, o.dataFolder),
      'The quality of data could not be measured': async () => measureDaily(db, await env(), enqueueJob),
      'The forecast could not be taken': async () => forecastDaily(db, await env(), enqueueJob),
      'Leads could not be scored': async () => scoreDaily(db, await env(), enqueueJob),
      'The retention rules could not be begun': async () => retainDaily(db, await env()),
      'The nightly backup could not be begun': async () => backUpDaily(db, await env(), backupFolder(o.dataFolder)),
      'The log of the database does not follow the plan': async () => {
        if (keeper) await followPlan(db, keeper);
      },
    },
    {
      'Nobody could be reminded': async () => live.notice(await sendReminders(db)),
      'Nobody could be told of leads that no rule takes': async () => live.notice(await tellUnassigned(db)),
      'Calendars of others could not be read': async () =>
        readSources(await context(systemAs('calendars')), guardedFetch({ privateToo: false })),
      // By this server's end or by the database's: what hangs on the loser does not wait for the hour.
      'Alerts could not be looked at': async () => live.notice(await lookAtAlerts({ db, context, log })),
      'Reports could not be delivered': () => tickSchedules({ db, context: () => context(systemAs('reports')) }),
      'Merges that were broken off could not go on': async () => resumeMerges(await context(systemAs('merge'))),
    },
  );
  const runner = new JobRunner({
    db,
    // Work that took long enough to look away from, or that failed, is told of.
    async ended(job, state, took) {
      if (job.actorId === null || (took < TELL_AFTER_MS && state !== 'failed')) return;
      const notice = {
        user: job.actorId,
        kind: 'job',
        object: null,
        record: null,
        count: 1,
        actor: null,
        cause: null,
        job: job.id,
      } as const;
      live.notice(await addNotices(db, [notice]));
    },
    handlers: product.handlers,
    dataFolder: o.dataFolder,
    log,
    watch,
    contextFor: async ({ actorKind, actorId, proved, scopes }, cause) => {
      // A job may be about what another server made a moment ago.
      const model = await models.newest();
      const plural = (key: string) => model.objects.get(key)?.plural ?? key;
      const actor = actorId ? await loadActor(db, actorId, { scopes, plural }) : systemAs('job');
      if (!actor) throw notFound('The user who asked for this is no longer active.');
      // Who had proved to be themselves when they asked for it had so for all of it.
      const asked = proved ? { ...actor, provedUntil: Number.POSITIVE_INFINITY } : actor;
      return context(actorKind === 'system' ? systemAs('job') : asked, cause ?? newCause('job'));
    },
  });
  return {
    ...product,
    get model() {
      return models.current;
    },
    http: server.app,
    mounted: server.mounted,
    ready,
    async start() {
      await db.warm();
      // A company from before an object was there: its roles as they were set up learn what is open of it.
      const company = await loadSettings(db);
      if (company) await bringGrants(await context(systemAs('set-up'), newCause('setup', company.name)), db, all);
      if (role === 'web') return;
      keeper?.start();
      asWork('jobs', () => runner.start());
      asWork('search', () => indexer.start());
      const declared = (model: Model) =>
        followDeclarations(db, model).catch((error: unknown) => {
          if (!stopping) log('The search could not be brought up to the declarations', error);
        });
      asWork('search', () => declared(models.current).then(() => learnAllWordsOnce(db))).catch((error: unknown) => {
        if (!stopping) log('The words of the search could not be learnt', error);
      });
      models.onMoved((model) => void declared(model));
      // A base that is being set up gets all of it from the set-up, which must not find a half of it there.
      filling = asWork('fills', async () => {
        if ((await loadSettings(db)) === null) return;
        await runFills(
          db,
          all.flatMap((module) => module.fills ?? []),
          () => stopping,
        );
      }).catch((error: unknown) => {
        if (!stopping) log('Fields that came later could not be filled', error);
      });
      asWork('duplicates', () => duplicates.start());
      await lookAgain(db, models.current, enqueueJob);
      await buildNew(db, models.current, enqueueJob);
      models.onMoved((model) => {
        buildNew(db, model, enqueueJob).catch((error: unknown) => {
          if (!stopping) log('New figures could not be begun', error);
        });
      });
      asWork('figures', () => figures.start());
      asWork('leads', () => leads.start());
      asWork('notices', () => notices.start());
      asWork('flows', () => {
        flows.start();
        flowRunner.start();
      });
      asWork('webhooks', () => webhooks.start());
      asWork('outbox', () => outbox.start());
      // Until the years to come are there, rows lie in the default partition: nothing that a start waits for.
      asWork('sweep', partitions).catch((error: unknown) => {
        if (!stopping) log('The partitions could not be looked after', error);
      });
      sweeps.start();
    },
    async stop(drainMs = 0) {
      await server.draining.begin(drainMs);
      stopping = true;
      sweeps.stop();
      await Promise.all([live.stop(), server.draining.end(ANSWER_MS)]);
      await models.stop();
      await server.app.close();
      if (role !== 'web')
        await Promise.all([
          filling,
          runner.stop(),
          indexer.stop(),
          duplicates.stop(),
          figures.stop(),
          leads.stop(),
          notices.stop(),
          flows.stop(),
          flowRunner.stop(),
          webhooks.stop(),
          outbox.stop(),
          keeper?.stop(),
        ]);
      connections.close();
      await db.end();
    },
  };
}

/** The built staff app; `dist/web` seen from the sources as from the built server. */
function webRoot(): string | null {
  const folder = join(dirname(fileURLToPath(import.meta.url)), '../../dist/web');
  return existsSync(join(folder, 'index.html')) ? folder : null;
}
