import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** Somebody whom the provider knows. */
export interface Account {
  email?: string;
  email_verified?: boolean;
  name?: string;
}

/** A real provider of OpenID Connect on a port of its own; it signs everybody in as whoever `now` names. */
export interface TestProvider {
  issuer: string;
  clientId: string;
  secret: string;
  accounts: Record<string, Account>;
  now: string;
  /** Follows the way from the address that a sign-in leads to until it leads back; gives where to. */
  walk(from: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts one that leads back to these addresses alone. */
export async function startOidcProvider(redirects: string[]): Promise<TestProvider> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const known: TestProvider = {
    issuer,
    clientId: 'perigon',
    secret: 'a-secret-of-the-provider-and-perigon',
    accounts: {},
    now: '',
    async walk(from) {
      const jar = new Map<string, string>();
      let url = from;
      for (let steps = 0; steps < 10 && url.startsWith(issuer); steps++) {
        const answer = await fetch(url, { redirect: 'manual', headers: { cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; ') } });
        for (const line of answer.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          jar.set(name, value);
        }
        const next = answer.headers.get('location');
        if (next === null) throw new Error(`The provider answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
        url = new URL(next, url).href;
      }
      return url;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: known.clientId,
        client_secret: known.secret,
        redirect_uris: redirects,
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['only for tests'] },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...known.accounts[id] }) }),
    // Whoever signs in agrees to what is asked.
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client?.clientId ?? '',
        accountId: ctx.oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) void provider.interactionFinished(request, response, { login: { accountId: known.now } });
    else void answer(request, response);
  });
  return known;
}
