import net from 'node:net';

/** What the wire to the database does: `open` passes on, `cut` breaks and refuses connections, `dead` swallows everything without a word. */
type State = 'open' | 'cut' | 'dead';

/** A wire between Perigon and its PostgreSQL that can be cut, go dead, or grow slow. */
export class Wire {
  state: State = 'open';
  /** How long each piece is on its way. */
  delayMs = 0;
  private readonly sockets = new Set<net.Socket>();
  private readonly server = net.createServer({ allowHalfOpen: false }, (near) => this.join(near));

  private constructor(private readonly target: URL) {}

  /** Stands before a database; `url` leads over it. */
  static async before(databaseUrl: string): Promise<Wire> {
    const wire = new Wire(new URL(databaseUrl));
    await new Promise<void>((resolve) => wire.server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get url(): string {
    const address = this.server.address();
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(address !== null && typeof address === 'object' ? address.port : 0);
    return url.toString();
  }

  set(state: State): void {
    this.state = state;
    if (state === 'cut') for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: net.Socket): void {
    if (this.state === 'cut') {
      near.destroy();
      return;
    }
    const far = net.connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (piece) => {
        if (this.state === 'dead') return;
        if (this.delayMs === 0) to.write(piece);
        else setTimeout(() => to.write(piece), this.delayMs);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}
