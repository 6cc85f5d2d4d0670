import { expect } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { Inside } from './inside.ts';

/** A record as the API tells it. */
export interface Row {
  id: string;
  [key: string]: unknown;
}
type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
type Answer = Awaited<ReturnType<Inside['ask']>>;

/** Those who act in a scenario, by name, each with a key of their own; the administrator unless another is named. */
export interface People {
  /** Ids of the users. */
  users: Record<string, string>;
  keys: Record<string, string>;
  /** Lets the administrator in, and users who have one role each. */
  enter(roles?: Readonly<Record<string, string>>): Promise<void>;
  send(method: Method, path: string, body?: unknown, who?: string): Promise<Answer>;
  /** What was asked for, which must have been given. */
  good<T = Row>(method: Method, path: string, body?: unknown, who?: string): Promise<T>;
}

/** They are of the product that the file has booted by the time somebody acts. */
export function people(inside: () => Inside): People {
  const users: Record<string, string> = {};
  const keys: Record<string, string> = {};
  const send: People['send'] = (method, path, body, who = 'admin') =>
    inside().ask(method, `/api/v1${path}`, { key: keys[who], ...(body === undefined ? {} : { body }) });
  return {
    users,
    keys,
    async enter(roles = {}) {
      const { product, ctx: begin } = inside();
      const ctx = await begin();
      users.admin = ctx.actor.userId ?? '';
      for (const [name, role] of Object.entries(roles))
        users[name] = await product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: [role] });
      for (const [name, userId] of Object.entries(users)) keys[name] = (await createApiKey(ctx.db, { userId, name: 'test' })).secret;
    },
    send,
    async good<T>(method: Method, path: string, body?: unknown, who?: string): Promise<T> {
      const answer = await send(method, path, body, who);
      expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
      return answer.body as T;
    },
  };
}

/** What is wrong with what was sent: at which field, and what. */
export const problems = (body: unknown): [path: string, code: string][] =>
  ((body as { errors?: { path: string; code: string }[] }).errors ?? []).map(({ path, code }) => [path, code]);
