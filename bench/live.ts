import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, median, ms } from './bench.ts';
import type { BulkRow } from './bulk.ts';

const STREAMS = 50;
const WRITES_A_SECOND = 20;
const SECONDS = 20;

/**
 * Change to other screen: 50 users of ten teams with a stream each, who see what their teams own; 20 changes a second to
 * parties, each seen by its owner's team. From the answer to the write (its commit is then over) to the arrival at each
 * stream that is told of it; an event that overtakes the answer counts as nought.
 */
export const liveRow: BulkRow = {
  name: 'live',
  run: async (bench) => {
    const { users, parties } = await company(bench);
    const waiting = new Map<string, { answered: number | null; arrived: number[] }>();
    const streams = await Promise.all(
      users.map(({ key }) =>
        listen(`${bench.url}/api/v1/events`, key, (cause, at) => {
          const held = waiting.get(cause) ?? { answered: null, arrived: [] };
          held.arrived.push(at);
          waiting.set(cause, held);
        }),
      ),
    );
    await sleep(1500);
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const began = performance.now();
    const writes: Promise<void>[] = [];
    for (let turn = 0; turn < WRITES_A_SECOND * SECONDS; turn++) {
      const due = began + (turn * 1000) / WRITES_A_SECOND;
      await sleep(Math.max(0, due - performance.now()));
      const id = parties[turn % parties.length] ?? '';
      writes.push(
        change(`${bench.url}/api/v1/parties/${id}`, agent, bench.key, { description: `Changed ${turn}` }).then((cause) => {
          const held = waiting.get(cause) ?? { answered: null, arrived: [] };
          held.answered = performance.now();
          waiting.set(cause, held);
        }),
      );
    }
    await Promise.all(writes);
    await sleep(1500);
    for (const stop of streams) stop();
    agent.destroy();
    const answered = [...waiting.values()].filter((one) => one.answered !== null);
    const taken = answered.flatMap(({ answered: from, arrived }) => arrived.map((at) => Math.max(0, at - (from ?? 0))));
    const unheard = answered.filter(({ arrived }) => arrived.length === 0).length;
    return [
      `live: ${STREAMS} streams of as many users in 10 teams, ${WRITES_A_SECOND} changes a second for ${SECONDS} s: change to stream p50 ${ms(median(taken))}, p95 ${ms(median(taken, 0.95))}, longest ${ms(Math.max(...taken))} ms (goal p95 < 300); ${taken.length.toLocaleString('en')} arrivals of ${answered.length} changes, ${unheard} unheard`,
    ];
  },
};

/** Ten teams of five sales reps with a key each, and parties of theirs; made once in the bench's base. */
async function company(bench: Bench): Promise<{ users: { id: string; key: string }[]; parties: string[] }> {
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await bench.ask(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
    return JSON.parse(answer.text) as T;
  };
  const all = async (plural: string, where: unknown) =>
    (await ask<{ items: { id: string }[] }>('POST', `/api/v1/${plural}/query`, { where, fields: ['id'], limit: 500 })).items.map(
      ({ id }) => id,
    );
  const found = async (plural: string, where: unknown) => (await all(plural, where))[0];
  const rep = await found('roles', { field: 'key', op: 'eq', value: 'salesRep' });
  const users: { id: string; key: string }[] = [];
  for (let i = 0; i < STREAMS; i++) {
    const name = `Live team ${i % 10}`;
    const team =
      (await found('teams', { field: 'name', op: 'eq', value: name })) ?? (await ask<{ id: string }>('POST', '/api/v1/teams', { name })).id;
    const email = `live${i}@perigon.example`;
    const id =
      (await found('users', { field: 'email', op: 'eq', value: email })) ??
      (await ask<{ id: string }>('POST', '/api/v1/users', { name: `Live ${i}`, email, team, roles: [rep] })).id;
    users.push({ id, key: await bench.perigon('key', 'create', '--email', email) });
  }
  const parties = await all('parties', { field: 'name', op: 'startsWith', value: 'Live party ' });
  for (let i = parties.length; i < 200; i++)
    parties.push((await ask<{ id: string }>('POST', '/api/v1/parties', { name: `Live party ${i}`, owner: users[i % STREAMS]?.id })).id);
  return { users, parties };
}

/** Reads a live stream and tells the cause of every change with the moment of its arrival; gives the way to close it. */
function listen(url: string, key: string, heard: (cause: string, at: number) => void): Promise<() => void> {
  return new Promise((done, fail) => {
    const asked = request(url, { headers: { authorization: `Bearer ${key}` }, agent: new Agent() }, (answer) => {
      if (answer.statusCode !== 200) {
        fail(new Error(`${url}: ${answer.statusCode}`));
        return;
      }
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        const at = performance.now();
        text += part;
        const end = text.lastIndexOf('\n\n');
        if (end < 0) return;
        for (const [, cause] of text.slice(0, end).matchAll(/"cause":"([^"]+)"/g)) if (cause) heard(cause, at);
        text = text.slice(end);
      });
      answer.on('error', () => undefined);
      done(() => asked.destroy());
    });
    asked.on('error', fail);
    asked.end();
  });
}

function change(url: string, agent: Agent, key: string, body: unknown): Promise<string> {
  return new Promise((done, fail) => {
    const text = JSON.stringify(body);
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const asked = request(url, { method: 'PATCH', agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        answer.statusCode === 200 ? done(String(answer.headers['perigon-cause'])) : fail(new Error(`${url}: ${answer.statusCode}`)),
      );
    });
    asked.on('error', fail);
    asked.end(text);
  });
}
