import { asWork } from '#engine/store/origin.ts';

/** Something that is done again and again, by the sentence that the log gets where it could not be. */
export type Chores = { readonly [fault: string]: () => Promise<unknown> };

/** Not among the first things a start does. */
const FIRST_MS = 60_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** What a server does by the hour and by the minute beside its work. One that fails keeps no other from being done. */
export class Sweeps {
  private first: NodeJS.Timeout | undefined;
  private readonly timers: NodeJS.Timeout[] = [];
  constructor(
    private readonly log: (message: string, error?: unknown) => void,
    private readonly hourly: Chores,
    private readonly minutely: Chores,
  ) {}

  start(): void {
    asWork('sweep', () => {
      this.first = setTimeout(() => {
        this.run(this.hourly);
        this.timers.push(setInterval(() => this.run(this.hourly), HOUR_MS).unref());
      }, FIRST_MS).unref();
      this.timers.push(setInterval(() => this.run(this.minutely), MINUTE_MS).unref());
    });
  }

  stop(): void {
    clearTimeout(this.first);
    for (const timer of this.timers) clearInterval(timer);
  }

  private run(chores: Chores): void {
    for (const [fault, chore] of Object.entries(chores)) chore().catch((error: unknown) => this.log(fault, error));
  }
}
