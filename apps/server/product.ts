import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { type Actor, systemAs } from '#engine/access/actor.ts';
import { forgetOldDevices } from '#engine/access/devices.ts';
import { sweepOAuth } from '#engine/access/oauth.ts';
import { checkPassword, loadActor, setPassword } from '#engine/access/sign-in.ts';
import { forgetOldSignIns } from '#engine/access/sign-in-log.ts';
import { forgetOldTries } from '#engine/access/tries.ts';
import { openVault } from '#engine/access/vault.ts';
import { auditRoutes } from '#engine/api/audit.routes.ts';
import { backupRoutes } from '#engine/api/backups.routes.ts';
import { catalogueRoutes } from '#engine/api/catalogue.routes.ts';
import { changesRoutes } from '#engine/api/changes.routes.ts';
import { consentRoutes } from '#engine/api/consents.routes.ts';
import { duplicateRoutes } from '#engine/api/duplicates.routes.ts';
import { entryLinkRoutes } from '#engine/api/entry-links.routes.ts';
import { eventRoutes } from '#engine/api/events.routes.ts';
import { exportRoutes } from '#engine/api/export.routes.ts';
import { figureRoutes } from '#engine/api/figures.routes.ts';
import { fileRoutes } from '#engine/api/files.routes.ts';
import { flowRoutes } from '#engine/api/flows.routes.ts';
import { importRoutes } from '#engine/api/import.routes.ts';
import { keyRoutes } from '#engine/api/keys.routes.ts';
import { mcpRoutes } from '#engine/api/mcp.routes.ts';
import { mergeRoutes } from '#engine/api/merges.routes.ts';
import { Metrics } from '#engine/api/metrics.ts';
import { noticeRoutes } from '#engine/api/notices.routes.ts';
import { oauthRoutes } from '#engine/api/oauth.routes.ts';
import { oidcRoutes } from '#engine/api/oidc.routes.ts';
import { outboxRoutes } from '#engine/api/outbox.routes.ts';
import { passkeyRoutes } from '#engine/api/passkeys.routes.ts';
import { personalDataRoutes } from '#engine/api/personal-data.routes.ts';
import { proofRoutes } from '#engine/api/proof.routes.ts';
import { qualityRoutes } from '#engine/api/quality.routes.ts';
import { recordRoutes } from '#engine/api/records.routes.ts';
import { retentionRoutes } from '#engine/api/retention.routes.ts';
import type { Route } from '#engine/api/route.ts';
import { buildServer } from '#engine/api/server.ts';
import { type SetUp, sessionRoutes } from '#engine/api/session.routes.ts';
import { signInRoutes } from '#engine/api/sign-in.routes.ts';
import { territoryRoutes } from '#engine/api/territories.routes.ts';
import { viewRoutes } from '#engine/api/views.routes.ts';
import { webhookRoutes } from '#engine/api/webhooks.routes.ts';
import { workspaceRoutes } from '#engine/api/workspace.routes.ts';
import { backUpBeforeMigrating } from '#engine/backup/before-migrating.ts';
import { backUpDaily, backupFolder, backupJob, followPlan } from '#engine/backup/kept.ts';
import { LogKeeper } from '#engine/backup/kept-log.ts';
import { FieldProblem } from '#engine/declare/field.ts';
import { currencyCode } from '#engine/declare/fields/currency/currency.ts';
import { languageTag } from '#engine/declare/fields/language/language.ts';
import { type Model, ModelFaults } from '#engine/declare/model.ts';
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
import { ChangeFeed } from '#engine/live/changes.ts';
import { LiveHub } from '#engine/live/hub.ts';
import { tellEndingKeys } from '#engine/notify/ending-keys.ts';
import { addNotices } from '#engine/notify/notices.ts';
import { notifier } from '#engine/notify/notifier.ts';
import { guardedFetch } from '#engine/outbox/guarded-fetch.ts';
import { noteOutcomes } from '#engine/outbox/health.ts';
import { OutboxSender } from '#engine/outbox/sender.ts';
import { webhookFollower } from '#engine/outbox/telling.ts';
import { sendWebhook } from '#engine/outbox/webhook.ts';
import { erasedAmong, erasureJob } from '#engine/privacy/erasure.ts';
import { personExportJob } from '#engine/privacy/export.ts';
import { retainDaily, retentionJob } from '#engine/privacy/retention.ts';
import { measureDaily, qualityJob } from '#engine/quality/measure.ts';
import { type Action, readActionInput } from '#engine/record/action.ts';
import type { RuleBook } from '#engine/record/context.ts';
import { type Cause, type Context, newCause } from '#engine/record/context.ts';
import { resumeMerges } from '#engine/record/merge.ts';
import { ModelSource } from '#engine/record/model-source.ts';
import type { Module } from '#engine/record/module.ts';
import { bringGrants } from '#engine/record/role-grants.ts';
import { ruleBook } from '#engine/record/rules.ts';
import { type CompanySettings, loadSettings, saveSettings, valueEnv } from '#engine/record/settings.ts';
import { forgetOldRequests } from '#engine/record/transact.ts';
import { writeOne } from '#engine/record/write.ts';
import { followDeclarations } from '#engine/search/followed.ts';
import { searchIndexer } from '#engine/search/index-reader.ts';
import { learnAllWordsOnce } from '#engine/search/words.ts';
import { type Db, openDb } from '#engine/store/db.ts';
import type { EmbeddedLog } from '#engine/store/embedded-log.ts';
import { asWork, type Watcher, watchAll } from '#engine/store/origin.ts';
import { keepPartitions } from '#engine/store/partitions.ts';
import { applyIndexes, applyMigrations, applyTables } from '#engine/store/schema.ts';
import { StartRefusal } from '#engine/store/start-refusal.ts';
import { conflict, invalid, notFound } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import type { Json, JsonObject } from '#kit/json.ts';
import { modules } from '#modules/index.ts';
import { perigonVersion, readLogSettings } from './environment.ts';
import { flowJob } from './flow.job.ts';
import { type Log, openLog } from './log.ts';
import { sampleJob } from './sample/load.ts';
import { sampleRemoveJob } from './sample/remove.ts';
import { sampleRoutes } from './sample/sample.routes.ts';
import { slowQueries } from './slow-queries.ts';

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
  setUp(values: Company & { admin?: SetUp['admin'] }): Promise<string | null>;
  addUser(ctx: Context, values: { name: string; email: string; password: string | null; roles: readonly string[] }): Promise<string>;
}

type Company = Omit<SetUp, 'admin'>;

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

/** The model of all modules and the catalogue; what a module beside the built-in ones cannot hold together refuses the start by its name. */
async function openModels(db: Db, beside: readonly Module[], all: readonly Module[], log: Log['fault']): Promise<ModelSource> {
  try {
    const models = await ModelSource.open(db, all, log);
    for (const { key, rules } of beside) {
      const lost = rules?.find(({ object }) => !models.current.objects.has(object));
      if (lost) throw new StartRefusal(`The module “${key}” has rules about ${lost.object}, and there is no such object.`);
    }
    const objects = [...models.current.objects.values()];
    const [own] = await db.query<{ name: string }>(
      `select t as name from unnest($1::text[]) t
       where to_regclass(t) is not null and not exists (select 1 from pg_attribute a where a.attrelid = to_regclass(t) and a.attname = 'deleted_at')`,
      [objects.map(({ table }) => table)],
    );
    const clash = own && objects.find(({ table }) => table === own.name);
    if (clash)
      throw new StartRefusal(`The module “${clash.module}” calls ${clash.key} ${clash.plural}, and a table of that name is Perigon's own.`);
    return models;
  } catch (error) {
    if (!(error instanceof ModelFaults) || beside.length === 0) throw error;
    const named = error.faults.map(({ object, text }) => {
      const module = beside.find(({ objects }) => objects.some(({ key }) => key === object));
      return `${module ? `The module “${module.key}”: ` : ''}${text}`;
    });
    throw new StartRefusal(named.join('\n'));
  }
}

/** Addresses that routes have to themselves and no object may take. */
function refuseTakenAddresses(model: Model, routes: readonly Route[]): void {
  const taken = new Set(routes.flatMap(({ path }) => /^\/api\/v1\/(\w+)$/.exec(path)?.[1] ?? []));
  for (const { key, plural, module } of model.objects.values())
    if (taken.has(plural)) throw new StartRefusal(`The module “${module}” calls ${key} ${plural}, and /api/v1/${plural} is Perigon's own.`);
}

/** Work that took longer is told of when it ends. */
const TELL_AFTER_MS = 5000;
/** How often files that no record took are looked for. */
const SWEEP_MS = 3_600_000;
/** How often merges that were broken off are looked for. */
const RESUME_MS = 60_000;

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
  const outbox: OutboxSender = new OutboxSender({
    db,
    kinds: { webhook: (thing) => sendWebhook(db, thing, { privateToo }) },
    noted: async (things, outcomes) =>
      noteOutcomes(await ofWebhooks(), things, outcomes, (tx, off) =>
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
      ['backup', backupJob({ db, files: files.store, folder: backupFolder(o.dataFolder), version: perigonVersion(), keeper })],
      ['flow', flowJob],
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
      checkSetUp(values);
      if ((await loadSettings(db)) !== null) throw conflict('Perigon is set up already.');
      const ctx = await context(systemAs('set-up'), newCause('setup', values.company));
      const env = { ...ctx.env, baseCurrency: values.baseCurrency.toUpperCase(), timeZone: values.timeZone };
      // Roles and pipelines may be there from a set-up that was interrupted before the company was saved.
      const [roles] = await db.query<{ n: number }>('select count(*)::int as n from roles where deleted_at is null');
      if ((roles?.n ?? 0) === 0) for (const module of all) await module.install?.({ ...ctx, env }, values.language);
      await bringGrants({ ...ctx, env }, db, all);
      const userId = values.admin ? await product.addUser({ ...ctx, env }, { ...values.admin, roles: ['administrator'] }) : null;
      await saveSettings(db, {
        name: values.company,
        baseCurrency: env.baseCurrency,
        language: languageTag(values.language),
        timeZone: values.timeZone,
        country: values.country?.toUpperCase() ?? countryOf(values.language, values.timeZone),
      });
      held = null;
      return userId;
    },
    async addUser(ctx, values) {
      if (values.password !== null) checkPassword(values.password);
      const rows = await db.query<{ id: string; key: string }>(
        'select id, key from roles where key = any($1::text[]) and deleted_at is null',
        [values.roles],
      );
      const missing = values.roles.find((key) => !rows.some((row) => row.key === key));
      if (missing)
        throw invalid('There is no such role.', [{ path: 'roles', code: 'reference', detail: `No role is called “${missing}”.` }]);
      const made = await writeOne(ctx, ctx.model.object('user'), {
        op: 'create',
        values: { name: values.name, email: values.email, roles: rows.map((row) => row.id) },
      });
      if (values.password !== null) await setPassword(db, made.id, values.password);
      return made.id;
    },
  };

  // Who signs out here is out at once, on open streams and other servers, too.
  const accessMoved = () => {
    forget();
    live.accessMoved();
  };
  const vault = openVault(o.dataFolder);
  // A company's own provider may live at a private address, and there without https.
  const privateProviders = process.env.PERIGON_PRIVATE_SIGN_IN === '1';
  let sweeping: NodeJS.Timeout | undefined;
  let resuming: NodeJS.Timeout | undefined;
  let stopping = false;
  const routes: Route[] = [
    ...sessionRoutes({ setUp: async (_ctx, values) => (await product.setUp(values)) ?? '', forget: accessMoved, vault }),
    ...signInRoutes({ forget: accessMoved, vault }),
    ...passkeyRoutes({ forget: accessMoved }),
    ...proofRoutes({ forget: accessMoved, vault }),
    ...entryLinkRoutes({ forget: accessMoved }),
    ...oidcRoutes({
      db,
      vault,
      fetch: guardedFetch({ privateToo: privateProviders }),
      insecure: privateProviders,
      addMember: async ({ name, email, role }) =>
        (
          await writeOne(await context(systemAs('sign-in'), newCause('request', 'sign-in')), models.current.object('user'), {
            op: 'create',
            values: { name, email, roles: [role] },
          })
        ).id,
      forget: accessMoved,
      log,
    }),
    ...oauthRoutes({ forget: accessMoved }),
    ...eventRoutes(live),
    ...changesRoutes(new ChangeFeed(db)),
    ...workspaceRoutes(actions, { models }),
    ...keyRoutes({ forget: accessMoved }),
    ...importRoutes(product.importPlace),
    ...exportRoutes(o.dataFolder),
    ...catalogueRoutes({ models, prepare: (model) => noteFigures(db, model), moved: (version) => live.catalogueMoved(version), log }),
    ...viewRoutes,
    ...noticeRoutes,
    ...sampleRoutes,
    ...fileRoutes(files),
    ...duplicateRoutes,
    ...figureRoutes,
    ...qualityRoutes,
    ...personalDataRoutes(o.dataFolder),
    ...retentionRoutes,
    ...consentRoutes,
    ...backupRoutes(backupFolder(o.dataFolder), o.databaseLog ?? null),
    ...mergeRoutes,
    ...flowRoutes(ports),
    ...outboxRoutes,
    ...mcpRoutes,
    ...webhookRoutes,
    ...territoryRoutes,
    ...auditRoutes,
    ...recordRoutes,
  ];
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
      asWork('duplicates', () => duplicates.start());
      await lookAgain(db, models.current, enqueueJob);
      await buildNew(db, models.current, enqueueJob);
      models.onMoved((model) => {
        buildNew(db, model, enqueueJob).catch((error: unknown) => {
          if (!stopping) log('New figures could not be begun', error);
        });
      });
      asWork('figures', () => figures.start());
      asWork('notices', () => notices.start());
      asWork('flows', () => {
        flows.start();
        flowRunner.start();
      });
      asWork('webhooks', () => webhooks.start());
      asWork('outbox', () => outbox.start());
      // Until the years to come are there, rows lie in the default partition: nothing that a start waits for.
      const partitions = () => {
        keepPartitions(db, models.current.objects.values()).catch((error: unknown) => {
          if (!stopping) log('The partitions could not be looked after', error);
        });
      };
      asWork('sweep', partitions);
      const sweepIn = (ms: number) => {
        sweeping = setTimeout(() => {
          Promise.all([forgetOldTries(db), forgetOldDevices(db)]).catch((error: unknown) =>
            log('Old tries to sign in could not be removed', error),
          );
          tellEndingKeys(db)
            .then((users) => live.notice(users))
            .catch((error: unknown) => log('Nobody could be told of keys that end', error));
          forgetOldSignIns(db).catch((error: unknown) => log('Old sign-ins could not be removed', error));
          sweepOAuth(db).catch((error: unknown) => log('Old codes and tokens could not be removed', error));
          partitions();
          forgetOldRequests(db).catch((error: unknown) => log('Keys of old requests could not be removed', error));
          sweepRuns(db).catch((error: unknown) => log('Old runs of flows could not be removed', error));
          sweepFiles(db, files).catch((error: unknown) => log('Files that nobody uses could not be removed', error));
          settings()
            .then((now) => measureDaily(db, valueEnv(now.settings), enqueueJob))
            .catch((error: unknown) => log('The quality of data could not be measured', error));
          settings()
            .then((now) => retainDaily(db, valueEnv(now.settings)))
            .catch((error: unknown) => log('The retention rules could not be begun', error));
          settings()
            .then((now) => backUpDaily(db, valueEnv(now.settings), backupFolder(o.dataFolder)))
            .catch((error: unknown) => log('The nightly backup could not be begun', error));
          if (keeper) followPlan(db, keeper).catch((error: unknown) => log('The log of the database does not follow the plan', error));
          sweepIn(SWEEP_MS);
        }, ms).unref();
      };
      // Not among the first things a start does.
      asWork('sweep', () => sweepIn(60_000));
      // A merge may be broken off by this server's end or by the database's: what hangs on the loser does not wait for the hour.
      const resume = () => {
        context(systemAs('merge'))
          .then(resumeMerges)
          .catch((error: unknown) => log('Merges that were broken off could not go on', error));
      };
      asWork('sweep', () => {
        resuming = setInterval(resume, RESUME_MS).unref();
      });
    },
    async stop(drainMs = 0) {
      await server.draining.begin(drainMs);
      stopping = true;
      clearTimeout(sweeping);
      clearInterval(resuming);
      await Promise.all([live.stop(), server.draining.end(ANSWER_MS)]);
      await models.stop();
      await server.app.close();
      if (role !== 'web')
        await Promise.all([
          runner.stop(),
          indexer.stop(),
          duplicates.stop(),
          figures.stop(),
          notices.stop(),
          flows.stop(),
          flowRunner.stop(),
          webhooks.stop(),
          outbox.stop(),
          keeper?.stop(),
        ]);
      await db.end();
    },
  };
}

/** An action over many records, as a job: chunk by chunk under one cause. */
const actionJob =
  (actions: ReadonlyMap<string, Action>): JobHandler =>
  async ({ job, ctx, save, cancelled }) => {
    const action = actions.get(String(job.payload.action));
    if (!action) throw notFound('There is no such action.');
    const { input, ids } = readActionInput(ctx, action, job.payload.input);
    const results: Json[] = [];
    for (let at = job.done; at < ids.length; at += 1000) {
      if (cancelled()) return { results, unfinished: true };
      results.push(await action.run(ctx, input, ids.slice(at, at + 1000)));
      await save(null, { done: Math.min(at + 1000, ids.length), total: ids.length });
    }
    return { results } as JsonObject;
  };

function checkSetUp(values: Company & { admin?: SetUp['admin'] }): void {
  const problems: { path: string; code: string; detail: string }[] = [];
  const attempt = (path: string, check: () => void) => {
    try {
      check();
    } catch (problem) {
      problems.push({
        path,
        code: 'invalid',
        detail: problem instanceof FieldProblem || problem instanceof Error ? problem.message : String(problem),
      });
    }
  };
  if (!values.company.trim()) problems.push({ path: 'company', code: 'required', detail: 'A value is needed.' });
  attempt('baseCurrency', () => currencyCode(values.baseCurrency));
  attempt('language', () => languageTag(values.language));
  attempt('timeZone', () => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: values.timeZone });
    } catch {
      throw new Error(`“${values.timeZone.slice(0, 60)}” is not a time zone such as Europe/Berlin.`);
    }
  });
  const { admin } = values;
  if (admin) attempt('admin.password', () => checkPassword(admin.password, 'admin.password'));
  if (admin && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(admin.email))
    problems.push({ path: 'admin.email', code: 'email', detail: 'Not an e-mail address.' });
  if (problems.length > 0) throw invalid('The set-up cannot be accepted.', problems);
}

/** The country that language and time zone suggest: national telephone numbers are read by it until someone says otherwise. */
function countryOf(language: string, timeZone: string): string {
  const byZone: Record<string, string> = {
    'Europe/Berlin': 'DE',
    'Europe/Vienna': 'AT',
    'Europe/Zurich': 'CH',
    'Europe/London': 'GB',
    'Europe/Paris': 'FR',
    'Europe/Madrid': 'ES',
    'Europe/Rome': 'IT',
    'Europe/Amsterdam': 'NL',
  };
  return byZone[timeZone] ?? new Intl.Locale(language).maximize().region ?? 'US';
}

/** The built staff app; `dist/web` seen from the sources as from the built server. */
function webRoot(): string | null {
  const folder = join(dirname(fileURLToPath(import.meta.url)), '../../dist/web');
  return existsSync(join(folder, 'index.html')) ? folder : null;
}
