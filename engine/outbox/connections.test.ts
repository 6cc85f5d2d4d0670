import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Address } from './addresses.ts';
import { Connections } from './connections.ts';

const sockets = new Set<Socket>();
let port = 0;
const server = createServer((asked, answer) => {
  asked.resume();
  answer.end(asked.socket.localAddress);
});
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => server.close());

/** What the name stands for; a real resolver cannot be told to change its mind. */
let stands: [Address, ...Address[]] | null = [{ address: '127.0.0.1', family: 4 }];
let asked = 0;
const resolve = async () => {
  asked++;
  return stands;
};

const post = async (connections: Connections): Promise<{ at: string; reused: boolean } | null> => {
  const agent = await connections.agentFor('http:', 'receiver.example');
  if (!agent) return null;
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: 'receiver.example', port, method: 'POST' }, (answer) => {
      let at = '';
      answer.on('data', (piece: Buffer) => {
        at += piece.toString();
      });
      answer.on('end', () => setImmediate(() => resolve({ at, reused: sent.reusedSocket })));
    });
    sent.on('error', reject);
    sent.end('{}');
  });
};

it('judges a host once for a while', async () => {
  const connections = new Connections({ privateToo: true, resolve });
  for (const reused of [false, true, true]) expect(await post(connections)).toEqual({ at: '127.0.0.1', reused });
  expect(asked).toBe(1);
  connections.close();
});

it('keeps connections to the judged address, and uses none again where the judgement changed', async () => {
  const connections = new Connections({ privateToo: true, resolve, judgedMs: 0 });
  expect(await post(connections)).toEqual({ at: '127.0.0.1', reused: false });
  expect(await post(connections)).toEqual({ at: '127.0.0.1', reused: true });
  // One of several, in whatever order: it stays.
  stands = [
    { address: '127.0.0.3', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ];
  expect(await post(connections)).toEqual({ at: '127.0.0.1', reused: true });
  // Elsewhere now.
  stands = [{ address: '127.0.0.2', family: 4 }];
  expect(await post(connections)).toEqual({ at: '127.0.0.2', reused: false });
  // Inside now: nothing is sent, and no connection is left.
  stands = null;
  expect(await post(connections)).toBeNull();
  await vi.waitUntil(() => sockets.size === 0);
  stands = [{ address: '127.0.0.1', family: 4 }];
  expect(await post(connections)).toEqual({ at: '127.0.0.1', reused: false });
  connections.close();
  await vi.waitUntil(() => sockets.size === 0);
});
