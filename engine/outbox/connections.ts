import * as http from 'node:http';
import * as https from 'node:https';
import { type Address, publicAddresses } from './addresses.ts';

/** For how long a host stands for what it was judged to stand for. */
const JUDGED_MS = 5_000;
/** A connection that nothing goes over for so long is closed; most receivers close theirs after five seconds. */
const IDLE_MS = 4_000;
/** Hosts that are remembered; those that were not sent to for longest are forgotten first. */
const HOSTS = 1_000;

interface Host {
  /** Null where it leads inside. */
  at: Address | null;
  judgedAt: number;
  agents: Map<string, http.Agent>;
}

/**
 * Kept connections to receivers. A host is judged anew every few seconds, and each connection goes to an address that was judged: where
 * the judgement changed, no connection of before is used again.
 */
export class Connections {
  private readonly hosts = new Map<string, Host>();
  private readonly judging = new Map<string, Promise<Host>>();
  constructor(private readonly o: { privateToo: boolean; resolve?: typeof publicAddresses; judgedMs?: number }) {}

  /** What to send over to a host; null where it leads inside. */
  async agentFor(protocol: string, host: string): Promise<http.Agent | null> {
    const known = this.hosts.get(host);
    const { at, agents } =
      known && performance.now() - known.judgedAt < (this.o.judgedMs ?? JUDGED_MS) ? known : await this.judgeOnce(host);
    if (!at) return null;
    const agent = agents.get(protocol) ?? agentTo(protocol, at);
    agents.set(protocol, agent);
    return agent;
  }

  /** Lets go of all connections that nothing is under way on, and keeps no further one. */
  close(): void {
    for (const host of this.hosts.values()) leave(host);
    this.hosts.clear();
  }

  private judgeOnce(host: string): Promise<Host> {
    const under = this.judging.get(host) ?? this.judge(host).finally(() => this.judging.delete(host));
    this.judging.set(host, under);
    return under;
  }

  private async judge(host: string): Promise<Host> {
    const known = this.hosts.get(host);
    const found = await (this.o.resolve ?? publicAddresses)(host, this.o).catch((error: unknown) => {
      if (known) leave(known);
      this.hosts.delete(host);
      throw error;
    });
    // A name that stands for several gives them in turn: what is connected to stays as long as it is among them.
    const at = found?.find(({ address }) => address === known?.at?.address) ?? found?.[0] ?? null;
    const same = known?.at?.address === at?.address;
    if (known && !same) leave(known);
    const made: Host = { at, judgedAt: performance.now(), agents: known && same ? known.agents : new Map() };
    this.hosts.delete(host);
    this.hosts.set(host, made);
    for (const [oldest, old] of this.hosts) {
      if (this.hosts.size <= HOSTS) break;
      leave(old);
      this.hosts.delete(oldest);
    }
    return made;
  }
}

/** The address that was judged, whatever the name stands for by now. */
const agentTo = (protocol: string, at: Address): http.Agent =>
  new (protocol === 'https:' ? https : http).Agent({
    keepAlive: true,
    timeout: IDLE_MS,
    lookup: (_host, asked, done) =>
      asked.all ? done(null, [{ address: at.address, family: at.family }]) : done(null, at.address, at.family),
  });

/** What is under way ends by itself; nothing new goes over these connections. */
function leave(host: Host): void {
  for (const agent of host.agents.values()) {
    agent.maxFreeSockets = 0;
    for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }
}
