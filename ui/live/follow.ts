import type { Query, QueryClient } from '@tanstack/react-query';
import { concernsList, refreshList } from '../list/refresh-list.ts';
import type { MetaIndex } from '../meta.ts';
import type { Job, RecordData } from '../wire.ts';
import { ownSince } from './own.ts';
import type { LiveChange, LiveJob } from './wire.ts';

/** Changes come together this long before what they touch is fetched anew. */
const gatherMs = 120;
/** Between two fetches of the same screen while changes keep coming, and while an import goes on. */
const restMs = 500;
const bulkRestMs = 2000;
/** A tab out of sight that hears more than this fetches everything anew when it is looked at. */
const unseen = 500;

/**
 * Keeps what is on screen in step with the changes that the live stream tells of. Only what is mounted is fetched anew;
 * the rest is asked for when it is shown again, as ever. Gives the way to hand a change in and to stop.
 */
export function followChanges(client: QueryClient, meta: () => MetaIndex | undefined): { take(change: LiveChange): void; stop(): void } {
  let gathered: LiveChange[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = Number.POSITIVE_INFINITY;
  let last = 0;
  let missed = false;

  const flush = (): void => {
    timer = undefined;
    due = Number.POSITIVE_INFINITY;
    last = Date.now();
    const changes = gathered;
    gathered = [];
    const declared = meta();
    // Signed out meanwhile: nothing is held any more.
    if (!declared) return;
    const again = new Set<LiveChange>();
    for (const query of client.getQueryCache().getAll()) {
      const mine = changes.filter((change) => concerns(declared, query, change) && !isCovered(query, change));
      if (mine.length === 0) continue;
      const [kind, , id] = query.queryKey;
      const shown = kind === 'record' ? id : kind === 'overview' || kind === 'brief' ? query.queryKey[1] : undefined;
      if (shown && mine.some((change) => change.id === shown && (change.op === 'left' || change.op === 'deleted'))) {
        // What may not be seen any more is not kept in sight by the cache either.
        if (query.isActive()) void client.resetQueries({ queryKey: query.queryKey, exact: true });
        else client.removeQueries({ queryKey: query.queryKey, exact: true });
      } else if (!query.isActive()) {
        void client.invalidateQueries({ queryKey: query.queryKey, exact: true, refetchType: 'none' });
      } else if (query.state.fetchStatus === 'fetching' && query.state.data === undefined) {
        // Its first answer is under way and may be older than the change: looked at again once it is there.
        for (const change of mine) again.add(change);
      } else if (kind === 'list') void refreshList(client, query, mine);
      else void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
    }
    if (again.size > 0) {
      gathered.push(...again);
      plan();
    }
  };
  const plan = (): void => {
    const now = Date.now();
    const rest = gathered.every((change) => change.op === 'many') ? bulkRestMs : restMs;
    const at = Math.max(now + gatherMs, last + rest);
    if (at >= due) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(flush, at - now);
  };
  // Nobody looks at a tab in the background: it waits until somebody does.
  const look = (): void => {
    if (document.hidden) return;
    if (missed) fetchAnew(client);
    missed = false;
    if (gathered.length > 0) plan();
  };
  document.addEventListener('visibilitychange', look);
  return {
    take(change) {
      if (!document.hidden) {
        gathered.push(change);
        plan();
      } else if (gathered.length < unseen) gathered.push(change);
      else missed = true;
    },
    stop() {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    },
  };
}

/** Whether the page has what it wrote itself already: fetched since the answer, or being fetched since. */
function isCovered(query: Query, change: LiveChange): boolean {
  const since = ownSince(change.cause);
  if (since === undefined) return false;
  return query.state.dataUpdatedAt >= since || (query.state.fetchStatus === 'fetching' && query.state.data !== undefined);
}

/** Whether a change may show in what a query holds. */
function concerns(meta: MetaIndex, query: Query, change: LiveChange): boolean {
  const [kind, first, second] = query.queryKey;
  const object = meta.object(change.object);
  if (!object) return false;
  const { id, party, op } = change;
  const isMany = op === 'many';
  switch (kind) {
    case 'list': {
      const listed = meta.plural(String(first));
      return listed !== undefined && concernsList(meta, listed, query, change);
    }
    case 'record': {
      if (first !== object.plural || (!isMany && second !== id)) return false;
      const held = query.state.data as RecordData | undefined;
      return isMany || op !== 'updated' || held === undefined || change.version === undefined || held.version < change.version;
    }
    case 'history':
      return first === object.plural && (isMany || second === id);
    case 'figures':
    case 'related':
      return first === object.plural || change.scope === true;
    case 'my-day':
      return ['task', 'meeting', 'party', 'opportunity', 'interaction'].includes(change.object);
    case 'overview':
    case 'brief':
    case 'timeline':
      return isMany || change.scope === true || first === id || first === party || joinsParties(meta, change.object) || holds(query, id);
    default:
      return false;
  }
}

/** Objects that point to parties more than once (a relationship, an invoice with a partner) show on both pages. */
const joinsParties = (meta: MetaIndex, key: string): boolean =>
  (meta.object(key)?.fields.filter((field) => field.to === 'party' && field.type === 'reference').length ?? 0) > 1 && key !== 'party';

const holds = (query: Query, id: string | undefined): boolean =>
  id !== undefined && query.isActive() && JSON.stringify(query.state.data ?? null).includes(id);

/** Shows how a job stands; its end is asked for, since only the answer has the outcome. */
export function followJob(client: QueryClient, told: LiveJob): void {
  const jobs = client.getQueryData<Job[]>(['jobs']);
  const held = jobs?.find((job) => job.id === told.id);
  const isOver = told.state !== 'queued' && told.state !== 'running';
  if (held && !isOver) client.setQueryData<Job[]>(['jobs'], (now) => now?.map((job) => (job.id === told.id ? { ...job, ...told } : job)));
  else void client.invalidateQueries({ queryKey: ['jobs'] });
  // What can be asked of figures depends on whether they are ready.
  if (isOver && told.kind === 'figures') void client.invalidateQueries({ queryKey: ['meta'] });
  if (isOver) void client.invalidateQueries({ predicate: ({ queryKey: [kind] }) => kind === 'import' || kind === 'imports' });
  for (const listener of jobListeners) listener(told);
}

const jobListeners = new Set<(job: LiveJob) => void>();

/** Hears how jobs go; gives the way to stop. */
export function onJob(listener: (job: LiveJob) => void): () => void {
  jobListeners.add(listener);
  return () => jobListeners.delete(listener);
}

/** Everything in sight is fetched anew: what happened meanwhile cannot be told. */
export function fetchAnew(client: QueryClient): void {
  void client.invalidateQueries({ predicate: ({ queryKey: [kind] }) => kind !== 'session' });
}
