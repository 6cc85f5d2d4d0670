import { type Db, isDatabaseAway, isPassing } from '#engine/store/db.ts';
import { Lanes, MOST } from './lanes.ts';
import { OpenThings, type Outcome, type Thing } from './taking.ts';

export type Sent = { ok: true; status?: number } | { ok: false; status?: number; error: string; final?: boolean };

/** Seconds until something is sent again; behind the last it is a dead letter, which stands in the list until somebody tells otherwise. */
const BACK_OFF = [10, 60, 300, 1800, 7200, 21_600, 86_400];
/** What a send may last. */
export const SEND_MS = 10_000;
/** What is not begun so long before its lease ends is given back. */
const SPARE_MS = SEND_MS + 2_000;
/** Outcomes gather for so long, or until they are so many, and are written together. */
const GATHER_MS = 5;
const MANY = 256;
/** How often is looked for what is due, although nobody called; and while there is more, though little came of what was taken. */
const IDLE_MS = 500;
const BUSY_MS = 50;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sleeps so long, unless woken by what `tell` is given. */
const slumber = (ms: number, tell: (wake: () => void) => void) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    tell(() => {
      clearTimeout(timer);
      resolve();
    });
  });

/**
 * Sends what is in the outbox (design, promise 10). A row is taken in a transaction of its own before it is sent, and its outcome is
 * written after: a server that dies in between leaves it *in doubt*, and it is sent again under the same id. Three things go on side by
 * side, and none waits for the slowest send: taking, sending in as many slots as there are, and writing what came of it.
 */
export class OutboxSender {
  private stopping = false;
  private taking: Promise<void> | null = null;
  private writing: Promise<void> | null = null;
  private readonly lanes = new Lanes<Thing>();
  private readonly open: OpenThings;
  private outcomes: { outcome: Outcome; sent: Sent | null }[] = [];
  /** Sends that have to end until more is taken. */
  private awaited = 0;
  private rung = false;
  private wakeUp: () => void = () => undefined;
  private goOn: () => void = () => undefined;
  constructor(
    private readonly o: {
      db: Db;
      kinds: { readonly [kind: string]: (thing: Thing) => Promise<Sent> };
      /** Told of what came of sends. */
      noted(outcomes: readonly { thing: Thing; sent: Sent }[]): Promise<void>;
      log(message: string, error?: unknown): void;
    },
  ) {
    this.open = new OpenThings(o.db);
  }

  start(): void {
    this.taking = this.take();
  }
  /** There may be something to send. */
  wake(): void {
    this.rung = true;
    this.wakeUp();
  }
  /** Waits for what is being sent; what was only taken is given back. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    this.goOn();
    await this.taking;
    this.giveBack(this.lanes.drop(), 0);
    while (this.lanes.sending > 0 || this.writing) await (this.writing ?? sleep(GATHER_MS));
  }

  private async take(): Promise<void> {
    while (!this.stopping) {
      let taken = 0;
      this.rung = false;
      try {
        const things = await this.open.take(Object.keys(this.o.kinds), this.lanes.rooms());
        taken = things.length;
        this.awaited = Math.min(taken, MOST / 2) / 2;
        this.lanes.add(things);
        this.fill();
      } catch (error) {
        if (!isDatabaseAway(error)) this.o.log('the sender of the outbox met a fault', error);
      }
      if (this.stopping) return;
      if (taken > 0 && this.awaited > 0) await slumber(BUSY_MS, (wake) => (this.goOn = wake));
      else if (taken === 0 && !this.rung) await slumber(IDLE_MS, (wake) => (this.wakeUp = wake));
      // What comes in short steps is taken in several at a time.
      if (!this.stopping) await sleep(GATHER_MS);
    }
  }

  /** Begins what there are slots for. */
  private fill(): void {
    for (let thing = this.lanes.next(); thing; thing = this.lanes.next()) void this.send(thing);
  }

  private async send(thing: Thing): Promise<void> {
    const began = performance.now();
    if (this.stopping || began > thing.leaseEnds - SPARE_MS) {
      this.lanes.done(thing, null);
      this.giveBack([thing], 0);
      return;
    }
    let sent: Sent;
    try {
      sent = (await this.o.kinds[thing.kind]?.(thing)) ?? { ok: false, error: 'Nobody sends this.', final: true };
    } catch (error) {
      this.o.log(`something in the outbox could not be sent (${thing.id})`, error);
      sent = { ok: false, error: 'A fault of Perigon; the log has the details.' };
    }
    this.lanes.done(thing, performance.now() - began);
    this.came(outcomeOf(thing, sent), sent);
    // A receiver that fails rests as a whole: what waits for it here waits in the outbox, where its rest is known in a moment.
    if (!sent.ok && thing.rests) this.giveBack(this.lanes.drop(thing.source), 1);
    this.fill();
    if (--this.awaited <= 0) this.goOn();
  }

  private giveBack(things: readonly Thing[], afterS: number): void {
    for (const thing of things) this.came({ thing, back: true, afterS }, null);
  }

  private came(outcome: Outcome, sent: Sent | null): void {
    this.outcomes.push({ outcome, sent });
    this.writing ??= this.write().finally(() => {
      this.writing = null;
    });
  }

  /** Writes outcomes until there are none, those together that came meanwhile. */
  private async write(): Promise<void> {
    while (this.outcomes.length > 0) {
      if (this.outcomes.length < MANY) await sleep(GATHER_MS);
      const written = this.outcomes;
      this.outcomes = [];
      try {
        await this.open.write(written.map(({ outcome }) => outcome));
      } catch (error) {
        if (!isDatabaseAway(error) && !isPassing(error)) this.o.log('what came of sends could not be written; they are sent again', error);
        // What was not written is in doubt, and sent again under its id; a database that is away comes back first, more often than not.
        else if (!this.stopping) {
          this.outcomes.unshift(...written);
          await sleep(IDLE_MS);
        }
        continue;
      }
      // Later changes of the same records may go now.
      this.wake();
      const noted = written.flatMap(({ outcome, sent }) => (sent ? [{ thing: outcome.thing, sent }] : []));
      if (noted.length > 0)
        await this.o.noted(noted).catch((error: unknown) => {
          if (!isDatabaseAway(error)) this.o.log('how receivers do could not be noted', error);
        });
    }
  }
}

function outcomeOf(thing: Thing, sent: Sent): Outcome {
  const status = sent.status ?? null;
  if (sent.ok) return { thing, sent: true, status };
  return { thing, sent: false, status, error: sent.error, again: (sent.final ? undefined : BACK_OFF[thing.attempts - 1]) ?? null };
}
