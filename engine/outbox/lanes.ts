/** Sends under way at once, of all and of one receiver: one that hangs keeps no more than its share. */
export const SLOTS = 256;
export const OF_ONE = 16;
/** Held here at most, of all and of one receiver. */
export const MOST = 1024;
const MOST_OF_ONE = 128;
/** A receiver has so much ahead of it as it takes in this time, so that what is held here is sent long before its lease ends. */
const AHEAD_MS = 500;
/** Receivers that are remembered although they have nothing here. */
const REMEMBERED = 500;

interface Lane<T> {
  queue: T[];
  sending: number;
  /** Milliseconds of a send, lately; null until one ended. */
  pace: number | null;
  /** Stands among those whose turn comes. */
  ready: boolean;
}

/** What a server holds of the outbox, a queue for each receiver, and whose turn it is. Pure. */
export class Lanes<T extends { source: string }> {
  private readonly lanes = new Map<string, Lane<T>>();
  private turns: Lane<T>[] = [];
  /** Waiting for a slot here, and being sent. */
  queued = 0;
  sending = 0;

  add(things: readonly T[]): void {
    for (const thing of things) {
      const lane = this.lanes.get(thing.source) ?? { queue: [], sending: 0, pace: null, ready: false };
      this.lanes.set(thing.source, lane);
      lane.queue.push(thing);
      this.queued++;
      this.stand(lane);
    }
  }

  /** What is sent next; receivers come in turn. Undefined while no slot is free or all that have something are full. */
  next(): T | undefined {
    if (this.sending >= SLOTS) return undefined;
    const lane = this.turns.shift();
    if (!lane) return undefined;
    lane.ready = false;
    const thing = lane.queue.shift();
    if (thing) {
      this.queued--;
      this.sending++;
      lane.sending++;
    }
    this.stand(lane);
    return thing;
  }

  /** A send ended; `ms` says how long it took, where it was one. */
  done(thing: T, ms: number | null): void {
    const lane = this.lanes.get(thing.source);
    if (!lane) return;
    this.sending--;
    lane.sending--;
    if (ms !== null) lane.pace = lane.pace === null ? ms : lane.pace + (ms - lane.pace) / 8;
    this.stand(lane);
  }

  /** Takes out what waits here, of one receiver or of all. */
  drop(source?: string): T[] {
    const dropped: T[] = [];
    for (const [key, lane] of this.lanes) if (source === undefined || key === source) dropped.push(...lane.queue.splice(0));
    this.queued -= dropped.length;
    this.turns = this.turns.filter((lane) => {
      lane.ready = lane.queue.length > 0;
      return lane.ready;
    });
    return dropped;
  }

  /** How much more there may be of each receiver known here, and of one that is not; at most so much of all together. */
  rooms(): { of: Map<string, number>; unknown: number; total: number } {
    if (this.lanes.size > REMEMBERED)
      for (const [key, lane] of this.lanes) if (lane.queue.length === 0 && lane.sending === 0) this.lanes.delete(key);
    const of = new Map<string, number>();
    for (const [key, { pace, queue, sending }] of this.lanes) {
      const ahead = pace === null ? OF_ONE : Math.min(MOST_OF_ONE, Math.max(OF_ONE, Math.floor((OF_ONE * AHEAD_MS) / Math.max(1, pace))));
      of.set(key, Math.max(0, ahead - queue.length - sending));
    }
    return { of, unknown: OF_ONE, total: Math.max(0, MOST - this.queued - this.sending) };
  }

  private stand(lane: Lane<T>): void {
    if (lane.ready || lane.queue.length === 0 || lane.sending >= OF_ONE) return;
    lane.ready = true;
    this.turns.push(lane);
  }
}
