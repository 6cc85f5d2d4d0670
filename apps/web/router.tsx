import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import type { TeamSearch } from '#modules/activities/ui/team.ts';
import { BY, LENGTHS } from '#modules/forecast/period.ts';
import type { ForecastSearch } from '#modules/forecast/ui/forecast.ts';
import { insightQuery } from '#modules/insight/ui/insight.ts';
import { get } from '#ui/api.ts';
import { readListSearch } from '#ui/list/list-search.ts';
import { viewsQuery } from '#ui/list/views.ts';
import { metaQuery } from '#ui/meta.ts';
import { queryClient } from '#ui/query-client.ts';
import { sessionQuery, wantedLanguage } from '#ui/session.ts';
import { words } from '#ui/words.ts';
import { fetchWords, speak, spoken } from './words.ts';

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Only paths of this app are followed after sign-in, never another site. */
function ownPath(value: unknown): string | undefined {
  const path = text(value);
  return path?.startsWith('/') && !path.startsWith('//') && !path.startsWith('/\\') ? path : undefined;
}

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: lazyRouteComponent(() => import('./shell/not-found.tsx'), 'NotFound'),
  errorComponent: lazyRouteComponent(() => import('./shell/failed.tsx'), 'Failed'),
});

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  beforeLoad: async () => {
    const { needed } = await get<{ needed: boolean }>('/setup');
    if (!needed) throw redirect({ to: '/sign-in', search: {} });
  },
  component: lazyRouteComponent(() => import('./routes/set-up.tsx'), 'SetUpRoute'),
});

/** Fetches what the first screen needs while somebody types a password: the page itself stays light. */
function warm(): void {
  void Promise.allSettled([import('./shell/shell.tsx'), import('./routes/list.tsx'), fetchWords(words().language, true)]);
}

/** How one signs in: by password, by providers that vouch. */
interface WaysIn {
  passwords: boolean;
  providers: { id: string; name: string }[];
}

/** Why a provider's answer let nobody in. */
const SIGN_IN_PROBLEMS = ['expired', 'refused', 'failed', 'unverified', 'unknown', 'inactive', 'other'] as const;
type SignInProblem = (typeof SIGN_IN_PROBLEMS)[number];

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { back?: string; problem?: SignInProblem; step?: 'code' } => ({
    back: ownPath(search.back),
    problem: SIGN_IN_PROBLEMS.find((one) => one === search.problem),
    step: search.step === 'code' ? 'code' : undefined,
  }),
  beforeLoad: async ({ search }) => {
    if (await queryClient.ensureQueryData(sessionQuery))
      throw redirect({ href: search.back ?? '/', reloadDocument: search.back?.startsWith('/oauth/') ?? false });
    const { needed, ...ways } = await get<{ needed: boolean } & WaysIn>('/setup');
    if (needed) throw redirect({ to: '/set-up' });
    return { ways };
  },
  onEnter: () => document.addEventListener('input', warm, { once: true }),
  component: lazyRouteComponent(() => import('#modules/workspace/ui/sign-in.screen.tsx'), 'SignInScreen'),
});

const enterByLink = createRoute({
  getParentRoute: () => root,
  path: '/enter',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/sign-in/enter.screen.tsx'), 'EnterScreen'),
});

const secondFactor = createRoute({
  getParentRoute: () => root,
  path: '/second-factor',
  beforeLoad: async () => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (!session?.needsFactor) throw redirect({ to: '/' });
    await speak(spoken(wantedLanguage(session)));
  },
  component: lazyRouteComponent(() => import('#modules/workspace/ui/sign-in/needed.screen.tsx'), 'FactorNeededScreen'),
});

/** What the address said on arrival, to the letter: the router writes numbers in its own way, and an application wants its words back. */
const arrived = window.location.search;

/** Where applications of others lead: whoever is not signed in does that first. */
const consent = createRoute({
  getParentRoute: () => root,
  path: '/oauth/authorize',
  beforeLoad: async () => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: '/sign-in', search: { back: `/oauth/authorize${arrived}` } });
    if (session.needsFactor) throw redirect({ to: '/second-factor' });
    await Promise.all([queryClient.ensureQueryData(metaQuery), fetchWords(spoken(wantedLanguage(session)), true)]);
    await speak(spoken(wantedLanguage(session)));
    return { asked: Object.fromEntries(new URLSearchParams(arrived)) };
  },
  component: lazyRouteComponent(() => import('#modules/workspace/ui/applications/consent.screen.tsx'), 'ConsentScreen'),
});

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: '/sign-in', search: { back: location.href === '/' ? undefined : location.href } });
    if (session.needsFactor) throw redirect({ to: '/second-factor' });
    const language = spoken(wantedLanguage(session));
    await Promise.all([queryClient.ensureQueryData(metaQuery), queryClient.ensureQueryData(viewsQuery), fetchWords(language, true)]);
    await speak(language);
  },
  component: lazyRouteComponent(() => import('./shell/shell.tsx'), 'Shell'),
});

const home = createRoute({
  getParentRoute: () => app,
  path: '/',
  beforeLoad: async () => {
    const meta = await queryClient.ensureQueryData(metaQuery);
    // Asked anew each time: what a day begins with follows what there is.
    const { home: begins } = await queryClient.fetchQuery({ ...insightQuery, staleTime: 0 });
    if (begins.dashboard) return;
    const first = meta.object('party') ?? meta.objects[0];
    if (first) throw redirect({ to: '/o/$plural', params: { plural: first.plural }, search: {} });
    throw redirect({ to: '/settings' });
  },
  component: lazyRouteComponent(() => import('#modules/insight/ui/dashboard.screen.tsx'), 'HomeScreen'),
});

const reports = createRoute({
  getParentRoute: () => app,
  path: '/reports',
  component: lazyRouteComponent(() => import('#modules/insight/ui/reports.screen.tsx'), 'ReportsScreen'),
});

const report = createRoute({
  getParentRoute: () => app,
  path: '/reports/$id',
  component: lazyRouteComponent(() => import('#modules/insight/ui/report.screen.tsx'), 'ReportScreen'),
});

const dashboards = createRoute({
  getParentRoute: () => app,
  path: '/dashboards',
  component: lazyRouteComponent(() => import('#modules/insight/ui/dashboards.screen.tsx'), 'DashboardsScreen'),
});

const dashboard = createRoute({
  getParentRoute: () => app,
  path: '/dashboards/$id',
  component: lazyRouteComponent(() => import('#modules/insight/ui/dashboard.screen.tsx'), 'DashboardScreen'),
});

const myDay = createRoute({
  getParentRoute: () => app,
  path: '/my-day',
  component: lazyRouteComponent(() => import('#modules/activities/ui/my-day.screen.tsx'), 'MyDayScreen'),
});

const calendars = createRoute({
  getParentRoute: () => app,
  path: '/settings/calendars',
  component: lazyRouteComponent(() => import('#modules/activities/ui/calendars.screen.tsx'), 'CalendarsScreen'),
});

const team = createRoute({
  getParentRoute: () => app,
  path: '/calendar',
  validateSearch: (search: Record<string, unknown>): TeamSearch => ({
    ...(/^\d{4}-\d{2}-\d{2}$/.test(String(search.day)) && !Number.isNaN(Date.parse(String(search.day))) ? { day: String(search.day) } : {}),
    ...(search.span === 'week' ? { span: 'week' as const } : {}),
  }),
  component: lazyRouteComponent(() => import('#modules/activities/ui/team.screen.tsx'), 'TeamScreen'),
});

const bookingPages = createRoute({
  getParentRoute: () => app,
  path: '/settings/booking',
  component: lazyRouteComponent(() => import('#modules/activities/ui/booking-pages.screen.tsx'), 'BookingPagesScreen'),
});

const calls = createRoute({
  getParentRoute: () => app,
  path: '/calls',
  component: lazyRouteComponent(() => import('#modules/activities/ui/calls.screen.tsx'), 'CallsScreen'),
});

const calling = createRoute({
  getParentRoute: () => app,
  path: '/calls/$list',
  component: lazyRouteComponent(() => import('#modules/activities/ui/calling.screen.tsx'), 'CallingScreen'),
});

const list = createRoute({
  getParentRoute: () => app,
  path: '/o/$plural',
  validateSearch: readListSearch,
  component: lazyRouteComponent(() => import('./routes/list.tsx'), 'ListRoute'),
});

const record = createRoute({
  getParentRoute: () => app,
  path: '/o/$plural/$id',
  component: lazyRouteComponent(() => import('./routes/record.tsx'), 'RecordRoute'),
});

const party = createRoute({
  getParentRoute: () => app,
  path: '/o/parties/$id',
  component: lazyRouteComponent(() => import('#modules/party/ui/party.screen.tsx'), 'PartyScreen'),
});

const brief = createRoute({
  getParentRoute: () => app,
  path: '/o/parties/$id/brief',
  component: lazyRouteComponent(() => import('#modules/party/ui/brief.screen.tsx'), 'BriefScreen'),
});

const handOver = createRoute({
  getParentRoute: () => app,
  path: '/o/users/$id/customers',
  validateSearch: (search: Record<string, unknown>): { newest?: boolean } => (search.newest === true ? { newest: true } : {}),
  component: lazyRouteComponent(() => import('#modules/party/ui/hand-over.screen.tsx'), 'HandOverScreen'),
});

const merge = createRoute({
  getParentRoute: () => app,
  path: '/o/$plural/$id/merge',
  validateSearch: (search: Record<string, unknown>): { with?: string } => ({ with: text(search.with) }),
  component: lazyRouteComponent(() => import('./routes/merge.tsx'), 'MergeRoute'),
});

const duplicates = createRoute({
  getParentRoute: () => app,
  path: '/duplicates',
  validateSearch: (search: Record<string, unknown>): { object?: string; state?: 'dismissed' } => ({
    object: text(search.object),
    ...(search.state === 'dismissed' ? { state: 'dismissed' as const } : {}),
  }),
  component: lazyRouteComponent(() => import('./routes/duplicates.tsx'), 'DuplicatesRoute'),
});

const since = createRoute({
  getParentRoute: () => app,
  path: '/since',
  validateSearch: (search: Record<string, unknown>): { since?: string; pipeline?: string; owner?: string; team?: string } => ({
    ...(/^\d{4}-\d{2}-\d{2}$/.test(String(search.since)) ? { since: String(search.since) } : {}),
    pipeline: text(search.pipeline),
    owner: text(search.owner),
    team: text(search.team),
  }),
  component: lazyRouteComponent(() => import('#modules/sales/ui/since.screen.tsx'), 'SinceScreen'),
});

const forecast = createRoute({
  getParentRoute: () => app,
  path: '/forecast',
  validateSearch: (search: Record<string, unknown>): ForecastSearch => ({
    ...(/^\d{4}-\d{2}-01$/.test(String(search.from)) ? { from: String(search.from) } : {}),
    every: LENGTHS.find((every) => every === search.every),
    by: BY.find((by) => by === search.by),
    pipeline: text(search.pipeline),
  }),
  component: lazyRouteComponent(() => import('#modules/forecast/ui/forecast.screen.tsx'), 'ForecastScreen'),
});

const quotas = createRoute({
  getParentRoute: () => app,
  path: '/forecast/quotas',
  component: lazyRouteComponent(() => import('#modules/forecast/ui/quotas.screen.tsx'), 'QuotasScreen'),
});

const search = createRoute({
  getParentRoute: () => app,
  path: '/search',
  validateSearch: (search: Record<string, unknown>): { q?: string; object?: string; peek?: string } => ({
    q: typeof search.q === 'number' ? String(search.q) : text(search.q),
    object: text(search.object),
    peek: text(search.peek),
  }),
  component: lazyRouteComponent(() => import('./routes/search.tsx'), 'SearchRoute'),
});

const history = createRoute({
  getParentRoute: () => app,
  path: '/history',
  validateSearch: (search: Record<string, unknown>): { actor?: 'me'; kind?: string; object?: string } => ({
    ...(search.actor === 'me' ? { actor: 'me' as const } : {}),
    kind: text(search.kind),
    object: text(search.object),
  }),
  component: lazyRouteComponent(() => import('./routes/history.tsx'), 'HistoryRoute'),
});

const trash = createRoute({
  getParentRoute: () => app,
  path: '/trash',
  validateSearch: (search: Record<string, unknown>): { object?: string } => ({ object: text(search.object) }),
  component: lazyRouteComponent(() => import('./routes/history.tsx'), 'TrashRoute'),
});

const importFile = createRoute({
  getParentRoute: () => app,
  path: '/import',
  validateSearch: (search: Record<string, unknown>): { object?: string; id?: string } => ({
    object: text(search.object),
    id: text(search.id),
  }),
  component: lazyRouteComponent(() => import('#modules/workspace/ui/import.screen.tsx'), 'ImportScreen'),
});

const imports = createRoute({
  getParentRoute: () => app,
  path: '/imports',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/imports.screen.tsx'), 'ImportsScreen'),
});

const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/settings.screen.tsx'), 'SettingsScreen'),
});

const objects = createRoute({
  getParentRoute: () => app,
  path: '/settings/objects',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/catalogue/objects.screen.tsx'), 'ObjectsScreen'),
});

const object = createRoute({
  getParentRoute: () => app,
  path: '/settings/objects/$object',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/catalogue/object.screen.tsx'), 'ObjectScreen'),
});

const pipelines = createRoute({
  getParentRoute: () => app,
  path: '/settings/pipelines',
  component: lazyRouteComponent(() => import('#modules/sales/ui/pipelines.screen.tsx'), 'PipelinesScreen'),
});

const leadScores = createRoute({
  getParentRoute: () => app,
  path: '/settings/lead-scores',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/scores/scores.screen.tsx'), 'ScoresScreen'),
});

const leadAssignment = createRoute({
  getParentRoute: () => app,
  path: '/settings/lead-assignment',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/assignment/assignment.screen.tsx'), 'AssignmentScreen'),
});

const leadForms = createRoute({
  getParentRoute: () => app,
  path: '/settings/web-forms',
  component: lazyRouteComponent(() => import('#modules/leads/ui/forms.screen.tsx'), 'LeadFormsScreen'),
});

const quality = createRoute({
  getParentRoute: () => app,
  path: '/quality',
  validateSearch: (search: Record<string, unknown>): { object?: string } => ({ object: text(search.object) }),
  component: lazyRouteComponent(() => import('#modules/workspace/ui/quality/quality.screen.tsx'), 'QualityScreen'),
});

const comparison = createRoute({
  getParentRoute: () => app,
  path: '/settings/duplicates',
  validateSearch: (search: Record<string, unknown>): { object?: string } => ({ object: text(search.object) }),
  component: lazyRouteComponent(() => import('./routes/duplicates.tsx'), 'ComparisonRoute'),
});

const roles = createRoute({
  getParentRoute: () => app,
  path: '/settings/roles',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/roles/roles.screen.tsx'), 'RolesScreen'),
});

const role = createRoute({
  getParentRoute: () => app,
  path: '/settings/roles/$role',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/roles/role.screen.tsx'), 'RoleScreen'),
});

const territories = createRoute({
  getParentRoute: () => app,
  path: '/settings/territories',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/territories/territories.screen.tsx'), 'TerritoriesScreen'),
});

const backups = createRoute({
  getParentRoute: () => app,
  path: '/settings/backups',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/backups.screen.tsx'), 'BackupsScreen'),
});

const webhooks = createRoute({
  getParentRoute: () => app,
  path: '/settings/webhooks',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/webhooks/webhooks.screen.tsx'), 'WebhooksScreen'),
});

const ownSignIn = createRoute({
  getParentRoute: () => app,
  path: '/settings/sign-in',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/sign-in/own.screen.tsx'), 'OwnSignInScreen'),
});

const everybodysSignIns = createRoute({
  getParentRoute: () => app,
  path: '/settings/sign-ins',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/sign-in/everybody.screen.tsx'), 'EverybodysSignInsScreen'),
});

const providers = createRoute({
  getParentRoute: () => app,
  path: '/settings/sign-in-providers',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/sign-in/providers.screen.tsx'), 'ProvidersScreen'),
});

const applications = createRoute({
  getParentRoute: () => app,
  path: '/settings/applications',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/applications/applications.screen.tsx'), 'ApplicationsScreen'),
});

const retention = createRoute({
  getParentRoute: () => app,
  path: '/settings/retention',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/retention/retention.screen.tsx'), 'RetentionScreen'),
});

const flows = createRoute({
  getParentRoute: () => app,
  path: '/settings/flows',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/flows/flows.screen.tsx'), 'FlowsScreen'),
});

const flow = createRoute({
  getParentRoute: () => app,
  path: '/settings/flows/$flow',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/flows/flow.screen.tsx'), 'FlowScreen'),
});

const approvals = createRoute({
  getParentRoute: () => app,
  path: '/approvals',
  component: lazyRouteComponent(() => import('#modules/workspace/ui/flows/approvals.screen.tsx'), 'ApprovalsScreen'),
});

/** All addresses of the staff app; each screen is its own file, fetched when first wanted. */
export const router = createRouter({
  routeTree: root.addChildren([
    setUp,
    signIn,
    enterByLink,
    secondFactor,
    consent,
    app.addChildren([
      home,
      reports,
      report,
      dashboards,
      dashboard,
      myDay,
      calendars,
      team,
      bookingPages,
      calls,
      calling,
      list,
      record,
      party,
      brief,
      handOver,
      merge,
      duplicates,
      since,
      forecast,
      quotas,
      search,
      history,
      trash,
      importFile,
      imports,
      settings,
      objects,
      object,
      pipelines,
      leadScores,
      leadAssignment,
      leadForms,
      quality,
      comparison,
      roles,
      role,
      territories,
      backups,
      webhooks,
      ownSignIn,
      everybodysSignIns,
      providers,
      applications,
      retention,
      flows,
      flow,
      approvals,
    ]),
  ]),
  defaultPreload: 'intent',
  defaultPendingMs: 400,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
