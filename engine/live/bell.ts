/** For how long writes share one notification: one inside each write would cost three quarters of the throughput (engine-notes 1). */
const EVERY_MS = 25;

/** Tells at once, and then at most once in 25 ms however often it is rung. */
export class Bell {
  private timer: NodeJS.Timeout | null = null;
  private again = false;
  constructor(private readonly tell: () => void) {}

  ring(): void {
    if (this.timer) {
      this.again = true;
      return;
    }
    this.tell();
    this.timer = setTimeout(() => {
      this.timer = null;
      if (!this.again) return;
      this.again = false;
      this.ring();
    }, EVERY_MS);
    this.timer.unref();
  }
}
