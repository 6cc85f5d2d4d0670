import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server behind the balancer. */
interface Backend {
  url: string;
  agent: http.Agent;
  ready: boolean;
}

/**
 * A plain balancer before several servers, as any company has one: it asks `/readyz` all the time, gives requests in turn to those that are
 * ready over connections that it keeps, and tries nothing twice. What goes wrong is an answer 502, and counted.
 */
export class Balancer {
  private readonly backends = new Map<string, Backend>();
  private turn = 0;
  readonly broken: string[] = [];
  private readonly server = http.createServer((request, response) => this.pass(request, response));
  private asking: NodeJS.Timeout | undefined;

  static async open(): Promise<Balancer> {
    const one = new Balancer();
    await new Promise<void>((resolve) => one.server.listen(0, '127.0.0.1', resolve));
    one.asking = setInterval(() => void one.ask(), 50);
    return one;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Puts a server behind it; requests come once it says that it is ready. */
  add(url: string): void {
    this.backends.set(url, { url, agent: new http.Agent({ keepAlive: true }), ready: false });
  }

  remove(url: string): void {
    this.backends.get(url)?.agent.destroy();
    this.backends.delete(url);
  }

  async close(): Promise<void> {
    clearInterval(this.asking);
    for (const { agent } of this.backends.values()) agent.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async ask(): Promise<void> {
    await Promise.all(
      [...this.backends.values()].map(async (one) => {
        one.ready = await fetch(`${one.url}/readyz`).then(
          (answer) => answer.status === 200,
          () => false,
        );
      }),
    );
  }

  private pass(request: http.IncomingMessage, response: http.ServerResponse): void {
    const ready = [...this.backends.values()].filter((one) => one.ready);
    const backend = ready[this.turn++ % Math.max(ready.length, 1)];
    const failed = (why: string): void => {
      this.broken.push(`${request.method} ${request.url}: ${why}`);
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    };
    if (!backend) {
      failed('no server is ready');
      return;
    }
    const forward = http.request(
      `${backend.url}${request.url}`,
      { method: request.method, headers: request.headers, agent: backend.agent },
      (answer) => {
        const { connection: _, ...headers } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, headers);
        answer.pipe(response);
        // A stream that ends with its server is followed up by its reader.
        answer.once('error', () => response.destroy());
      },
    );
    forward.once('error', (error) => {
      if (!response.headersSent) failed(`${backend.url} ${error.message}`);
    });
    response.once('close', () => forward.destroy());
    request.pipe(forward);
  }
}
