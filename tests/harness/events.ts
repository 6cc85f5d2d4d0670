/** One message of a live stream. */
export interface StreamMessage {
  id: string | null;
  event: string;
  data: Record<string, unknown>;
  /** When it came, by `performance.now()`. */
  at: number;
}

/** A reader of `GET /api/v1/events`, as a program would be one. */
export class EventReader {
  /** Every reader of this test process, for the end of a test. */
  static readonly opened = new Set<EventReader>();
  readonly messages: StreamMessage[] = [];
  ended = false;
  private listeners = new Set<() => void>();
  private readonly abort = new AbortController();
  private constructor(readonly response: Response) {}

  static async open(
    url: string,
    o: { headers?: Record<string, string>; after?: number | string; lastEventId?: string; follow?: boolean } = {},
  ): Promise<EventReader> {
    const query = new URLSearchParams();
    if (o.after !== undefined) query.set('after', String(o.after));
    if (o.follow === false) query.set('follow', 'false');
    const abort = new AbortController();
    const response = await fetch(`${url}/api/v1/events?${query}`, {
      headers: { ...o.headers, ...(o.lastEventId === undefined ? {} : { 'last-event-id': o.lastEventId }) },
      signal: abort.signal,
    });
    const reader = new EventReader(response);
    EventReader.opened.add(reader);
    reader.abort.signal.addEventListener('abort', () => abort.abort());
    if (response.status === 200) void reader.read();
    return reader;
  }

  /** Changes alone, without hello and beats. */
  get changes(): StreamMessage[] {
    return this.messages.filter((message) => message.event === 'message');
  }

  get lastId(): string {
    return this.messages.findLast((message) => message.id !== null)?.id ?? '';
  }

  /** Waits for a message; those that came already count. */
  async next(test: (message: StreamMessage) => boolean, withinMs = 20_000): Promise<StreamMessage> {
    await this.until(() => this.messages.some(test), withinMs);
    return this.messages.find(test) as StreamMessage;
  }

  async until(test: () => boolean, withinMs = 20_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!test()) {
      const left = deadline - performance.now();
      if (left <= 0)
        throw new Error(
          `It did not come in ${withinMs} ms; what came: ${JSON.stringify(this.messages.slice(-20).map((one) => [one.event, one.data]))}`,
        );
      await new Promise<void>((resolve) => {
        const go = () => {
          clearTimeout(timer);
          this.listeners.delete(go);
          resolve();
        };
        const timer = setTimeout(go, left);
        this.listeners.add(go);
      });
    }
  }

  close(): void {
    this.abort.abort();
  }

  private async read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const part of this.response.body ?? []) {
        text += decoder.decode(part as Uint8Array, { stream: true });
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          this.take(text.slice(0, end));
          text = text.slice(end + 2);
        }
      }
    } catch {
      // Closed on this side or cut on the other.
    }
    this.ended = true;
    for (const go of this.listeners) go();
  }

  private take(block: string): void {
    let id: string | null = null;
    let event = 'message';
    let data: string | null = null;
    for (const line of block.split('\n')) {
      if (line.startsWith('id: ')) id = line.slice(4);
      else if (line.startsWith('event: ')) event = line.slice(7);
      else if (line.startsWith('data: ')) data = line.slice(6);
    }
    if (data === null) return;
    this.messages.push({ id, event, data: JSON.parse(data) as Record<string, unknown>, at: performance.now() });
    for (const go of this.listeners) go();
  }
}
