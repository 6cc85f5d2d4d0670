import { type Actor, systemAs } from '#engine/access/actor.ts';
import { openVault } from '#engine/access/vault.ts';
import { auditRoutes } from '#engine/api/audit.routes.ts';
import { backupRoutes } from '#engine/api/backups.routes.ts';
import { catalogueRoutes } from '#engine/api/catalogue.routes.ts';
import { changesRoutes } from '#engine/api/changes.routes.ts';
import { consentRoutes } from '#engine/api/consents.routes.ts';
import { deliveryRoutes } from '#engine/api/deliveries.routes.ts';
import { duplicateRoutes } from '#engine/api/duplicates.routes.ts';
import { embedRoutes } from '#engine/api/embed.routes.ts';
import { entryLinkRoutes } from '#engine/api/entry-links.routes.ts';
import { eventRoutes } from '#engine/api/events.routes.ts';
import { exportRoutes } from '#engine/api/export.routes.ts';
import { figureRoutes } from '#engine/api/figures.routes.ts';
import { fileRoutes } from '#engine/api/files.routes.ts';
import { flowRoutes } from '#engine/api/flows.routes.ts';
import { importRoutes } from '#engine/api/import.routes.ts';
import { insightRoutes } from '#engine/api/insight.routes.ts';
import { keyRoutes } from '#engine/api/keys.routes.ts';
import { mcpRoutes } from '#engine/api/mcp.routes.ts';
import { measureRoutes } from '#engine/api/measures.routes.ts';
import { mergeRoutes } from '#engine/api/merges.routes.ts';
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
import { type SetUp, sessionRoutes } from '#engine/api/session.routes.ts';
import { signInRoutes } from '#engine/api/sign-in.routes.ts';
import { territoryRoutes } from '#engine/api/territories.routes.ts';
import { viewRoutes } from '#engine/api/views.routes.ts';
import { webhookRoutes } from '#engine/api/webhooks.routes.ts';
import { workspaceRoutes } from '#engine/api/workspace.routes.ts';
import { backupFolder } from '#engine/backup/kept.ts';
import { noteFigures } from '#engine/figures/building.ts';
import type { FilePlace } from '#engine/files/files.ts';
import type { Ports } from '#engine/flows/doing.ts';
import type { ImportPlace } from '#engine/import/imports.ts';
import { ChangeFeed } from '#engine/live/changes.ts';
import type { LiveHub } from '#engine/live/hub.ts';
import { guardedFetch } from '#engine/outbox/guarded-fetch.ts';
import type { Action } from '#engine/record/action.ts';
import { type Cause, type Context, newCause } from '#engine/record/context.ts';
import type { ModelSource } from '#engine/record/model-source.ts';
import { writeOne } from '#engine/record/write.ts';
import type { Db } from '#engine/store/db.ts';
import type { EmbeddedLog } from '#engine/store/embedded-log.ts';
import { bookingRoutes } from './activities/booking.routes.ts';
import { calendarRoutes } from './activities/calendar.routes.ts';
import { callsRoutes } from './activities/calls.routes.ts';
import { myDayRoutes } from './activities/my-day.routes.ts';
import { teamRoutes } from './activities/team.routes.ts';
import { forecastRoutes } from './forecast.routes.ts';
import { leadFormRoutes } from './lead-forms.routes.ts';
import { leadScoreRoutes } from './lead-scores.routes.ts';
import { sampleRoutes } from './sample/sample.routes.ts';
import { sinceRoutes } from './since.routes.ts';
import { speaking } from './spoken.ts';
import { stageRuleRoutes } from './stage-rules.routes.ts';

/** What the addresses of a product are answered with. */
export interface Behind {
  db: Db;
  models: ModelSource;
  actions: ReadonlyMap<string, Action>;
  ports: Ports;
  live: LiveHub;
  files: FilePlace;
  dataFolder: string;
  databaseLog: EmbeddedLog | null;
  importPlace: ImportPlace;
  setUp(values: SetUp): Promise<string>;
  context(actor: Actor, cause?: Cause): Promise<Context>;
  /** Who may come in is others now: here, on open streams and on other servers. */
  forget(): void;
  log(message: string, error?: unknown): void;
}

/** All addresses of the API. */
export function routesOf(o: Behind): Route[] {
  const { db, models, actions, ports, live, files, context, forget, log } = o;
  const vault = openVault(o.dataFolder);
  // A company's own provider may live at a private address, and there without https.
  const privateProviders = process.env.PERIGON_PRIVATE_SIGN_IN === '1';
  return [
    ...sessionRoutes({ setUp: (_ctx, values) => o.setUp(values), forget, vault }),
    ...signInRoutes({ forget, vault }),
    ...passkeyRoutes({ forget }),
    ...proofRoutes({ forget, vault }),
    ...entryLinkRoutes({ forget }),
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
      forget,
      log,
    }),
    ...oauthRoutes({ forget }),
    ...eventRoutes(live),
    ...changesRoutes(new ChangeFeed(db)),
    ...workspaceRoutes(actions, { models }),
    ...keyRoutes({ forget }),
    ...importRoutes(o.importPlace),
    ...exportRoutes(o.dataFolder),
    ...catalogueRoutes({ models, prepare: (model) => noteFigures(db, model), moved: (version) => live.catalogueMoved(version), log }),
    ...viewRoutes,
    ...noticeRoutes,
    ...myDayRoutes,
    ...teamRoutes,
    ...calendarRoutes,
    ...callsRoutes,
    ...bookingRoutes({ vault }),
    ...sampleRoutes,
    ...fileRoutes(files),
    ...duplicateRoutes,
    ...figureRoutes,
    ...qualityRoutes,
    ...personalDataRoutes(o.dataFolder),
    ...retentionRoutes,
    ...consentRoutes,
    ...backupRoutes(backupFolder(o.dataFolder), o.databaseLog),
    ...mergeRoutes,
    ...measureRoutes,
    ...forecastRoutes,
    ...leadScoreRoutes,
    ...insightRoutes(speaking),
    ...deliveryRoutes(o.dataFolder, speaking),
    ...embedRoutes({ db, vault, context, speaking }),
    ...leadFormRoutes({ db, vault, context, notice: (users) => live.notice(users) }),
    ...sinceRoutes,
    ...stageRuleRoutes,
    ...flowRoutes(ports),
    ...outboxRoutes,
    ...mcpRoutes,
    ...webhookRoutes,
    ...territoryRoutes,
    ...auditRoutes,
    ...recordRoutes,
  ];
}
