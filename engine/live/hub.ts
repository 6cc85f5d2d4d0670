import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type pg from 'pg';
import type { Actor } from '#engine/access/actor.ts';
import { Watermark } from '#engine/record/log.ts';
import type { ModelSource } from '#engine/record/model-source.ts';
import { LIVE_CHANNEL } from '#engine/store/channel.ts';
import { type Db, isDatabaseAway, type Queryable } from '#engine/store/db.ts';
import { limited } from '#kit/errors.ts';
import { isObject } from '#kit/json.ts';
import { Bell } from './bell.ts';
import { type FeedBulk, type FeedRow, readFeed } from './feed.ts';
import { sharedEvents } from './given.ts';
import { type Here, Presence, type PresenceSign } from './presence.ts';
import { eventsFor, figureEvents, isNarrow, type LiveEvent, mayRead } from './reach.ts';
import { LiveStream, message } from './stream.ts';
import { TURNS_MS, Turns } from './turns.ts';

export interface LiveOptions {
  db: Db;
  models: ModelSource;
  log(message: string, error?: unknown): void;
  /** Users, roles or teams changed, here or on another server: who is who has to be looked up anew. */
  accessChanged(): void;
}

/** Positions of the log read at once. */
const STEP = 5_000;
/** A reader who is further behind than this fetches anew rather than follows. */
const REPLAY = 10_000;
/** A new reader is told again what happened just before it came: what its page fetched meanwhile may lack it. */
const BEFORE_MS = 5_000;
/** Between two readings at least, for writes to come together. */
const PAUSE_MS = 20;
const POLL_MS = 1_000;
export const BEAT_MS = 20_000;
/** One stream serves all tabs of a browser, so this is as many browsers and programs of one user on one server. */
export const STREAMS_PER_USER = 20;
/** After so many faults at the same place its readers fetch anew and the hub goes on behind it. */
const TRIES = 5;

/** Above this many records whose figures moved at once they are told as one; a word must stay below what PostgreSQL takes. */
const FIGURES_BY_ID = 100;
/** What moves within this time is told together. */
const FIGURES_MS = 200;

/** Figures of some records of one object, or (`ids` null) of many. */
interface FiguresWord {
  object: string;
  ids: readonly string[] | null;
  keys: readonly string[];
}
type MovedFigures = FiguresWord & { ids: readonly string[] };

/** Objects whose records decide who may do what. */
const ACCESS = new Set(['user', 'team', 'role', 'territory']);

/**
 * The live stream of one server: one reader of the log for all open streams. It reads settled rows only, finds out for all
 * readers together who may know of them, and hands each theirs. It begins with the first stream and rests without any.
 */
export class LiveHub {
  private readonly streams = new Set<LiveStream>();
  /** Streams that are where the hub is; others catch up first. */
  private readonly inStep = new Set<LiveStream>();
  private readonly presence = new Presence();
  private readonly self = randomUUID();
  private readonly bell: Bell;
  /** Reads by key, prepared and planned once: the same statements come again as long as the same people are there. */
  private readonly keyed: Queryable;
  private readonly watermark: Watermark;
  private client: pg.Client | null = null;
  private connecting: Promise<pg.Client> | null = null;
  private loop: Promise<void> | null = null;
  private stopping = false;
  private position = -1;
  private ticking = false;
  private failures = 0;
  private wakeUp: () => void = () => undefined;
  private rung = false;
  private readonly waiting = new Set<() => void>();
  private readonly timers: NodeJS.Timeout[] = [];
  /** Figures that moved since the last word about them, and when the next is due. */
  private readonly moving = new Map<string, { ids: Set<string>; keys: Set<string> }>();
  private telling: NodeJS.Timeout | null = null;
  private readonly turns: Turns;

  constructor(private readonly o: LiveOptions) {
    this.bell = new Bell(() => this.notify({ log: true }));
    o.models.onMoved(({ version }) => this.tellCatalogue(version));
    this.keyed = { query: o.db.keyed };
    this.turns = new Turns(
      this.keyed,
      () => o.models.current,
      (streams) => this.readers(streams),
      (streams) => this.reset(streams),
    );
    this.watermark = new Watermark({
      query: async <R>(text: string, values: readonly unknown[] = []): Promise<R[]> => {
        const client = await this.connection();
        return (await client.query(text, values as unknown[])).rows as R[];
      },
    });
  }

  /** How many streams are open. */
  get size(): number {
    return this.streams.size;
  }

  /** The log grew by a write of this server. */
  wrote(): void {
    if (this.stopping) return;
    this.wake();
    this.bell.ring();
  }

  /** Somebody signed out, or rights changed outside of the log: on every server each stream is asked who reads it. */
  accessMoved(): void {
    void this.recheck();
    this.notify({ access: true });
  }

  /** The catalogue moved by a change on this server: open pages and the other servers hear of it. */
  catalogueMoved(version: number): void {
    this.notify({ catalogue: version });
  }

  /** Open pages read anew what objects and fields there are. */
  private tellCatalogue(version: number): void {
    for (const stream of this.streams) stream.send(message({ event: 'catalogue', data: { version } }));
  }

  /** There are new notices for these users: their pages ask for them. */
  notice(users: readonly string[]): void {
    if (users.length === 0 || this.stopping) return;
    this.tellNotice(users);
    // A word must stay below what PostgreSQL takes at once.
    for (let i = 0; i < users.length; i += 100) this.notify({ notice: users.slice(i, i + 100) });
  }

  /** Figures of records moved without a row of their own in the log: whoever shows them asks again. */
  figures(moved: readonly MovedFigures[]): void {
    if (this.stopping) return;
    for (const { object, ids, keys } of moved) {
      const held = this.moving.get(object) ?? { ids: new Set(), keys: new Set() };
      this.moving.set(object, held);
      for (const key of keys) held.keys.add(key);
      for (const id of ids) if (held.ids.size <= FIGURES_BY_ID) held.ids.add(id);
    }
    this.telling ??= setTimeout(() => {
      this.telling = null;
      for (const [object, { ids, keys }] of this.moving) {
        const word = { object, ids: ids.size > FIGURES_BY_ID ? null : [...ids], keys: [...keys] };
        void this.tellFigures(word);
        this.notify({ figures: word });
      }
      this.moving.clear();
    }, FIGURES_MS).unref();
  }

  private async tellFigures({ object: key, ids, keys }: FiguresWord): Promise<void> {
    const object = this.o.models.current.objects.get(key);
    if (!object || this.streams.size === 0) return;
    try {
      const events = await figureEvents(this.keyed, this.o.models.current, object, ids, keys, this.readers(this.streams));
      for (const stream of this.streams) stream.send((events.get(stream.actor.reach) ?? []).map((data) => message({ data })).join(''));
    } catch (error) {
      if (!isDatabaseAway(error)) this.o.log('moved figures could not be told', error);
    }
  }

  /**
   * Opens a stream. `after` is the last position the reader knows (null: none; NaN: nonsense, which is answered with
   * `reset`). Without `follow` it ends once everything up to now is told.
   */
  open(o: { actor: Actor; again(): Promise<Actor | null>; after: number | null; follow: boolean }): Readable {
    if (this.stopping) throw limited('Perigon is stopping. Come back shortly.', 2);
    const mine = [...this.streams].filter((stream) => stream.actor.userId === o.actor.userId).length;
    if (mine >= STREAMS_PER_USER) throw limited(`At most ${STREAMS_PER_USER} streams a user.`, 30);
    const stream = new LiveStream(o.actor, o.again);
    this.streams.add(stream);
    stream.body.on('close', () => {
      this.streams.delete(stream);
      this.inStep.delete(stream);
    });
    stream.body.on('error', () => undefined);
    // Something at once, so that every proxy on the way passes the headers on.
    stream.send('retry: 2000\n\n');
    this.start();
    void this.bring(stream, o.after, o.follow);
    return stream.body;
  }

  /** Takes a sign of life in, tells the other servers, and says who is at the record. The caller has checked that it may be read. */
  present(sign: PresenceSign): Here[] {
    this.start();
    this.takePresence(sign);
    this.notify({ presence: sign });
    return this.presence.at(sign.object, sign.id);
  }

  /** Ends all streams; readers come back to whichever server is there. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const timer of this.timers) clearInterval(timer);
    if (this.telling) clearTimeout(this.telling);
    for (const stream of this.streams) stream.end();
    this.wake();
    for (const go of this.waiting) go();
    await Promise.race([this.loop, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
    await this.client?.end().catch(() => undefined);
  }

  private start(): void {
    if (this.loop || this.stopping) {
      this.wake();
      return;
    }
    this.loop = this.run();
    this.timers.push(
      setInterval(() => void this.beat(), BEAT_MS),
      setInterval(() => this.sweep(), 5_000),
      setInterval(() => void this.tellTurns(), TURNS_MS),
    );
    for (const timer of this.timers) timer.unref();
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      if (this.streams.size === 0) {
        // Nobody listens: the place is taken anew when somebody does.
        this.position = -1;
        await this.sleep(null);
        continue;
      }
      try {
        const settled = await this.watermark.settledTo();
        if (settled < 0 || this.streams.size === 0) await this.sleep(10);
        else if (this.position < 0) {
          this.position = settled;
          this.release();
        } else if (settled > this.position) {
          const from = this.position;
          await this.tick(from, Math.min(settled, from + STEP));
          this.failures = 0;
          await this.rest(PAUSE_MS);
        } else await this.sleep(this.watermark.waiting ? 15 : POLL_MS);
      } catch (error) {
        if (this.stopping) return;
        if (!isDatabaseAway(error)) {
          this.o.log('the live stream met a fault', error);
          if (++this.failures >= TRIES) this.skip();
        }
        await this.sleep(500);
      }
    }
  }

  /** Reads a stretch of the log and hands each stream what its reader may know of it. */
  private async tick(from: number, to: number): Promise<void> {
    this.ticking = true;
    try {
      const feed = await this.read(from, to);
      const events = await this.eventsOf(feed, this.readers(this.inStep));
      const texts = new Map([...events].map(([reach, list]) => [reach, list.map(textOf).join('')]));
      for (const stream of this.inStep) {
        stream.send(texts.get(stream.actor.reach) ?? '');
        stream.cursor = to;
      }
      this.position = to;
      this.watchAccess(feed.rows, feed.bulks);
    } finally {
      this.ticking = false;
      this.release();
    }
  }

  /** Reads a stretch of the log; where it speaks of an object or field this server has yet to hear of, that is heard of first. */
  private async read(from: number, to: number): Promise<{ rows: FeedRow[]; bulks: FeedBulk[] }> {
    const { models } = this.o;
    const feed = await readFeed(this.keyed, models.current, from, to);
    const isNew = ({ object, keys }: FeedRow) => {
      const known = models.current.objects.get(object);
      return !known || keys.some((key) => !known.fields.has(key));
    };
    const isBehind = feed.rows.some(isNew) || feed.bulks.some(({ object }) => !models.current.objects.has(object));
    return isBehind ? readFeed(this.keyed, await models.newest(), from, to) : feed;
  }

  /** What readers are told of a stretch of the log: of its rows, and of records that these give or take. */
  private async eventsOf(feed: { rows: FeedRow[]; bulks: FeedBulk[] }, readers: readonly Actor[]): Promise<Map<string, LiveEvent[]>> {
    const model = this.o.models.current;
    const events = await eventsFor(this.keyed, model, feed, readers);
    for (const [reach, given] of await sharedEvents(this.keyed, model, feed.rows, readers))
      events.set(
        reach,
        [...given, ...(events.get(reach) ?? [])].sort((a, b) => a.seq - b.seq),
      );
    return events;
  }

  private async tellTurns(): Promise<void> {
    try {
      await this.turns.tell(this.streams);
    } catch (error) {
      if (!isDatabaseAway(error)) this.o.log('what ran out could not be told', error);
    }
  }

  private reset(streams: Iterable<LiveStream>): void {
    for (const stream of streams)
      if (stream.cursor >= 0) stream.send(message({ id: stream.cursor, event: 'reset', data: { position: stream.cursor } }));
  }

  /** Goes on behind a stretch that cannot be read; whoever was to hear of it fetches anew. */
  private skip(): void {
    this.failures = 0;
    for (const stream of this.inStep) stream.end();
    this.position = -1;
  }

  /** Brings a new stream in, also over a base that is away for a moment. */
  private async bring(stream: LiveStream, after: number | null, follow: boolean): Promise<void> {
    while (stream.open) {
      try {
        return await this.bringIn(stream, after, follow);
      } catch (error) {
        if (!isDatabaseAway(error)) {
          this.o.log('a live stream met a fault', error);
          stream.end();
        } else await this.rest(500);
      }
    }
  }

  /** Brings a new stream to where the hub is: from the log, under its reader's own eyes. */
  private async bringIn(stream: LiveStream, after: number | null, follow: boolean): Promise<void> {
    while (stream.open && this.position < 0) await this.moved();
    if (!stream.open) return;
    if (stream.cursor < 0) stream.cursor = await this.beginning(stream, after);
    await this.turns.catchUp(stream, after !== null && stream.cursor === after ? { seq: after } : { ms: BEFORE_MS });
    while (stream.open) {
      const to = this.position;
      if (to >= 0 && stream.cursor >= to && !this.ticking) {
        if (!follow && stream.cursor === to) return stream.end();
        // Another server may have been further: wait until this one is there as well.
        if (stream.cursor === to) {
          this.inStep.add(stream);
          return;
        }
      }
      if (to < 0 || stream.cursor >= to) {
        this.wake();
        await this.moved();
        continue;
      }
      const end = Math.min(to, stream.cursor + STEP);
      const { actor } = stream;
      const feed = await this.read(stream.cursor, end);
      const events = await this.eventsOf(feed, [actor]);
      stream.send((events.get(actor.reach) ?? []).map(textOf).join(''));
      stream.cursor = end;
    }
  }

  /** Where a stream begins; says so with `hello`, or with `reset` where what lies between cannot be told. */
  private async beginning(stream: LiveStream, after: number | null): Promise<number> {
    const here = this.position;
    const hello = (at: number) => stream.send(message({ id: at, event: 'hello', data: { position: at } }));
    if (after === null) {
      const [row] = await this.o.db.keyed<{ at: number }>(
        `select coalesce(min(seq) - 1, $1::bigint) as at from
           (select seq, at from changes where seq <= $1::bigint order by seq desc limit 200) x where at > now() - make_interval(secs => $2::float8)`,
        [here, BEFORE_MS / 1000],
      );
      hello(row?.at ?? here);
      return row?.at ?? here;
    }
    const [log] = await this.o.db.keyed<{ first: number; last: number }>(
      'select coalesce((select min(seq) from changes), 0) as first, coalesce((select max(seq) from changes), 0) as last',
    );
    const known =
      log !== undefined && Number.isSafeInteger(after) && after <= Math.max(log.last, here) && after >= Math.min(log.first, here) - 1;
    if (known && here - after <= REPLAY) {
      hello(after);
      return after;
    }
    stream.send(message({ id: here, event: 'reset', data: { position: here } }));
    return here;
  }

  private readers(streams: Iterable<LiveStream>): Actor[] {
    const byReach = new Map<string, Actor>();
    for (const { actor } of streams) byReach.set(actor.reach, actor);
    return [...byReach.values()];
  }

  /** Rights that lie in the base changed: readers are looked up anew, and whose view moved without a row of its own fetches anew. */
  private watchAccess(rows: readonly FeedRow[], bulks: readonly FeedBulk[]): void {
    if (![...rows, ...bulks].some((one) => ACCESS.has(one.object))) return;
    const moves = (row: FeedRow) =>
      row.object === 'team' || (row.object === 'user' && (row.action !== 'update' || row.keys.includes('team')));
    const moved = rows.some(moves) || bulks.some((bulk) => ACCESS.has(bulk.object));
    this.o.accessChanged();
    void this.recheck(moved);
  }

  /** Asks each stream who reads it: ends those of nobody, resets those whose rights are others now. */
  private async recheck(moved = false): Promise<void> {
    for (const stream of [...this.streams]) {
      try {
        const actor = await stream.again();
        if (!stream.open) continue;
        if (!actor) stream.end();
        else {
          const isOther = actor.reach !== stream.actor.reach;
          stream.actor = actor;
          if (stream.cursor >= 0 && (isOther || (moved && isNarrow(this.o.models.current, actor))))
            stream.send(message({ id: stream.cursor, event: 'reset', data: { position: stream.cursor } }));
        }
      } catch (error) {
        if (!isDatabaseAway(error)) stream.end();
      }
    }
  }

  /** Records went without a word in the log (the sample company): everybody fetches anew, and who was one of them is out. */
  private resetAll(): void {
    this.reset(this.streams);
    this.o.accessChanged();
    void this.recheck();
  }

  private async beat(): Promise<void> {
    for (const stream of this.streams) {
      // The place moves on also for those whom nothing concerned.
      if (stream.cursor >= 0) stream.send(`: still here\n${message({ id: stream.cursor, event: 'beat', data: {} })}`);
      else stream.send(': still here\n\n');
    }
    await this.recheck();
  }

  private sweep(): void {
    for (const place of this.presence.expire(performance.now())) void this.tellPresence(place.object, place.id);
  }

  private takePresence(sign: PresenceSign): void {
    if (this.presence.take(sign, performance.now())) void this.tellPresence(sign.object, sign.id);
  }

  /** Tells those at a record who else is there, as far as they may still read it. */
  private async tellPresence(key: string, id: string): Promise<void> {
    const here = this.presence.at(key, id);
    const users = new Set(here.map((one) => one.id));
    const streams = [...this.streams].filter((stream) => users.has(stream.actor.userId ?? ''));
    const object = this.o.models.current.objects.get(key);
    if (!object || streams.length === 0) return;
    try {
      const allowed = await mayRead(this.keyed, this.o.models.current, object, id, this.readers(streams));
      const text = message({ event: 'presence', data: { object: key, id, here } });
      for (const stream of streams) if (allowed.has(stream.actor.reach)) stream.send(text);
    } catch (error) {
      if (!isDatabaseAway(error)) this.o.log('presence could not be told', error);
    }
  }

  /** Tells the other servers; a lost word is mended by the poll, the next beat or the next sign of life. */
  private notify(
    word:
      | { log: true }
      | { access: true }
      | { catalogue: number }
      | { presence: PresenceSign }
      | { notice: readonly string[] }
      | { figures: FiguresWord },
  ): void {
    this.o.db
      .query(`select set_config('synchronous_commit', 'off', true), pg_notify($1::text, $2::text)`, [
        LIVE_CHANNEL,
        JSON.stringify({ from: this.self, ...word }),
      ])
      .catch(() => undefined);
  }

  private tellNotice(users: readonly unknown[]): void {
    const text = message({ event: 'notice', data: {} });
    for (const stream of this.streams) if (users.includes(stream.actor.userId)) stream.send(text);
  }

  private heard(payload: string | undefined): void {
    let word: unknown;
    try {
      word = JSON.parse(payload ?? '');
    } catch {
      return;
    }
    if (!isObject(word) || word.from === this.self) return;
    if (word.log === true) this.wake();
    else if (typeof word.catalogue === 'number') void this.o.models.refresh().catch(() => undefined);
    else if (word.reset === true) this.resetAll();
    else if (word.access === true) {
      this.o.accessChanged();
      void this.recheck();
    } else if (isObject(word.presence)) this.takePresence(word.presence as unknown as PresenceSign);
    else if (isObject(word.figures)) void this.tellFigures(word.figures as unknown as FiguresWord);
    else if (Array.isArray(word.notice)) this.tellNotice(word.notice);
    else if (isObject(word.job)) {
      const text = message({ event: 'job', data: word.job });
      for (const stream of this.streams) if (stream.actor.userId !== null && stream.actor.userId === word.actor) stream.send(text);
    }
  }

  /** The hub's own connection: it listens, and reads the watermark without waiting behind anyone. */
  private connection(): Promise<pg.Client> {
    if (this.client) return Promise.resolve(this.client);
    this.connecting ??= (async () => {
      const client = await this.o.db.connect();
      client.on('notification', ({ payload }) => this.heard(payload));
      client.on('end', () => {
        if (this.client === client) this.client = null;
      });
      await client.query(`set timezone = 'UTC'; set jit = off; set statement_timeout = '10s'; listen ${LIVE_CHANNEL}`);
      this.client = client;
      return client;
    })().finally(() => {
      this.connecting = null;
    });
    return this.connecting;
  }

  private wake(): void {
    this.rung = true;
    this.wakeUp();
  }

  /** Sleeps until woken, at most so long; a call that came since the last sleep wakes at once. */
  private async sleep(ms: number | null): Promise<void> {
    if (!this.rung && !this.stopping) {
      await new Promise<void>((resolve) => {
        const timer = ms === null ? null : setTimeout(resolve, ms);
        this.wakeUp = () => {
          if (timer) clearTimeout(timer);
          resolve();
        };
      });
    }
    this.rung = false;
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Resolves when the hub's place may have moved. */
  private moved(): Promise<void> {
    if (this.stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, 200);
      this.waiting.add(go);
    });
  }

  private release(): void {
    for (const go of [...this.waiting]) go();
  }
}

const textOf = (event: LiveEvent): string => message({ id: event.seq, data: event });
