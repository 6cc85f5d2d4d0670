import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDatabaseAway } from '#engine/store/db.ts';
import { listenFault } from '#engine/store/embedded.ts';
import { StartRefusal, systemCode } from '#engine/store/start-refusal.ts';
import { type Command, optional, UsageError } from '../command.ts';
import { type OpenDatabase, openDatabase } from '../database.ts';
import { type Environment, perigonVersion } from '../environment.ts';
import { type Log, openLog } from '../log.ts';
import type { Product } from '../product.ts';
import type { Traces } from '../traces.ts';

type Role = 'all' | 'web' | 'worker';

/** All that a stop may take after the time in which a balancer learns of it; the system's own patience ends soon after. */
const stopWithinMs = 4_600;

/** `perigon start`: database, product and HTTP server in one process, until a signal ends it. */
export const command: Command = {
  usage: 'start [--role web|worker]',
  options: { role: { type: 'string' } },
  run: async ({ environment, options, print, warn }) => {
    const role = optional(options, 'role') ?? 'all';
    if (role !== 'all' && role !== 'web' && role !== 'worker') throw new UsageError(`--role is "${role}", and a role is web or worker.`);
    return new Server(environment, role, print, warn, openLog(environment.log)).run();
  },
};

class Server {
  private opening: Promise<OpenDatabase> | null = null;
  private product: Product | null = null;
  private traces: Traces | null = null;
  private stopping: Promise<void> | null = null;
  private exitCode = 0;

  constructor(
    private readonly environment: Environment,
    private readonly role: Role,
    private readonly print: (line: string) => void,
    private readonly warn: (line: string) => void,
    private readonly log: Log,
  ) {}

  async run(): Promise<number> {
    let ended = (): void => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const onSignal = (): void => {
      if (this.stopping) return;
      this.print('Stopping …');
      void this.stop().then(ended);
    };
    const onFault = (error: unknown): void => {
      // A connection that breaks says so to whoever holds it, and once more to nobody in particular: that is no reason to end.
      if (isDatabaseAway(error)) return;
      this.log.fault('the server ends for a fault that nobody caught', error);
      this.exitCode = 1;
      if (!this.stopping) void this.stop().then(ended);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
    // Under nohup the signal is ignored, and a handler would undo that.
    if (!hangUpIsIgnored()) process.on('SIGHUP', onSignal);
    process.on('uncaughtException', onFault).on('unhandledRejection', onFault);
    try {
      await this.start();
    } catch (error) {
      // A signal during the start takes things away under it: then the signal is what happened.
      if (!this.stopping) {
        await this.stop();
        throw error;
      }
    }
    await end;
    // Nothing that was forgotten may hold the process.
    setTimeout(() => process.exit(this.exitCode), 200).unref();
    this.log.flush();
    return this.exitCode;
  }

  private get listens(): boolean {
    return this.role !== 'worker' || this.environment.portGiven;
  }

  private async start(): Promise<void> {
    const { host, port, dataFolder } = this.environment;
    this.opening = openDatabase(this.environment, { kind: 'server', label: this.role }, this.print);
    const database = await this.opening;
    if (this.stopping) return;
    // Looked at before the long part of the start, and after the data folder, whose line says more when Perigon runs already.
    const fault = this.listens && port !== 0 ? await listenFault(port, host) : null;
    if (fault) this.refusePort(fault);
    const { openProduct } = await import('../product.ts');
    const { loadModules } = await import('../third-party/load.ts');
    const modules = await loadModules(this.environment.moduleFolders, join(dataFolder, 'modules'));
    this.traces = await openTracesIfWanted(this.role, this.log);
    this.product = await openProduct({
      url: database.url,
      dataFolder,
      role: this.role,
      modules,
      log: this.log,
      slowQueryMs: this.environment.slowQueryMs,
      databaseLog: database.log,
      watchers: this.traces ? [this.traces] : [],
    });
    if (this.stopping) return;
    await this.product.start();
    let address = '';
    if (this.listens) {
      address = await this.listen(this.product, host, port);
      database.announce(address);
    }
    const isNew = this.listens && (await this.isNew(this.product));
    this.print(
      this.listens ? `Perigon ${perigonVersion()} runs at ${address}` : `Perigon ${perigonVersion()} runs as a worker, without an address`,
    );
    if (isNew) this.print('Open that address in a browser to set up your company.');
    this.print(`Its data is in ${dataFolder}. Ctrl-C stops it.`);
  }

  private async listen(product: Product, host: string, port: number): Promise<string> {
    try {
      await product.http.listen({ host, port });
    } catch (error) {
      this.refusePort(systemCode(error), error);
    }
    const bound = product.http.server.address();
    const actual = bound !== null && typeof bound === 'object' ? bound.port : port;
    const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
    return `http://${shown}:${actual}`;
  }

  private refusePort(code: string, error?: unknown): never {
    const { host, port } = this.environment;
    switch (code) {
      case 'EADDRINUSE':
        throw new StartRefusal(
          `The port ${port} on ${host} is taken by another program. Stop that program, or start Perigon with another port: PORT=${port + 1} npm start`,
        );
      case 'EACCES':
        throw new StartRefusal(`This user may not listen on port ${port}. Set PORT to a number above 1023.`);
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        throw new StartRefusal(`This machine has no address ${host}. Set HOST to one that it has, such as 127.0.0.1 or 0.0.0.0.`);
      default:
        throw (
          error ??
          new StartRefusal(`Perigon cannot listen on port ${port} of ${host} (${code}). Set HOST and PORT to what this machine has.`)
        );
    }
  }

  private async isNew(product: Product): Promise<boolean> {
    const answer = await product.http.inject({ method: 'GET', url: '/api/v1/setup' });
    if (answer.statusCode !== 200) return false;
    const body: unknown = answer.json();
    return typeof body === 'object' && body !== null && 'needed' in body && body.needed === true;
  }

  private stop(): Promise<void> {
    this.stopping ??= this.stopInOrder();
    return this.stopping;
  }

  /** Also when the signal came while it was being opened. */
  private async stopDatabase(deadline: number): Promise<void> {
    const database = await this.opening?.catch(() => null);
    await database?.stop(Math.max(deadline - performance.now() - 300, 100));
  }

  /** Tells the balancer, accepts nothing more, lets requests and jobs come to a point, closes the pool, stops PostgreSQL: each with its share of the time. */
  private async stopInOrder(): Promise<void> {
    const drainMs = this.listens ? this.environment.drainSeconds * 1000 : 0;
    const deadline = performance.now() + drainMs + stopWithinMs;
    const hard = setTimeout(() => process.exit(1), drainMs + stopWithinMs + 200);
    hard.unref();
    if (this.product) {
      await within(drainMs + 2_600, this.product.stop(drainMs), this.warn);
    }
    await this.traces?.stop(500);
    await within(deadline - performance.now(), this.stopDatabase(deadline), this.warn);
    clearTimeout(hard);
  }
}

/** Nothing of it is loaded where no endpoint is set. */
async function openTracesIfWanted(role: Role, log: Log): Promise<Traces | null> {
  if (!process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] && !process.env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) return null;
  const { openTraces, readTraceSettings } = await import('../traces.ts');
  const settings = readTraceSettings(process.env, perigonVersion(), role);
  return settings && openTraces(settings, log.fault);
}

function hangUpIsIgnored(): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return (BigInt(`0x${mask ?? '0'}`) & 1n) === 1n;
  } catch {
    return !process.stdout.isTTY;
  }
}

async function within(ms: number, work: Promise<void>, warn: (line: string) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(ms, 0));
  });
  try {
    await Promise.race([work, over]);
  } catch (error) {
    warn(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}
