import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey, revokeApiKey } from '#engine/access/sign-in.ts';
import { newId } from '#kit/ids.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/**
 * The law of the one door: every route that the OpenAPI description lists, by every kind of actor. What an actor may not
 * read is answered exactly as what does not exist, and no body ever holds another's words. A route that this test does not
 * know how to call fails it.
 */
let inside: Inside;
let description: { paths: Record<string, Record<string, { security?: unknown[] }>> };
const keys: Record<string, string> = {};
/** Ids of records outside the rep's reach, by plural; their texts hold SECRET. */
const theirs: Record<string, string> = {};
const SECRET = 'zqxsecret';

const call = (actor: string, method: string, url: string, body?: unknown) => inside.ask(method, url, { key: keys[actor], body });
const create = async (plural: string, values: Record<string, unknown>, actor = 'administrator'): Promise<string> => {
  const made = await call(actor, 'POST', `/api/v1/${plural}`, values);
  expect(made.status, `${plural} ${made.text}`).toBe(201);
  return (made.body as { id: string }).id;
};

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  const keyFor = async (userId: string, scopes?: string[]) => (await createApiKey(ctx.db, { userId, name: 'test', scopes })).secret;
  keys.administrator = await keyFor(ctx.actor.userId ?? '');
  const north = await create('teams', { name: 'North' });
  const south = await create('teams', { name: `South ${SECRET}` });
  const users: Record<string, string> = {};
  for (const role of ['salesManager', 'salesRep', 'agent', 'readOnly']) {
    users[role] = await inside.product.addUser(ctx, { name: role, email: `${role}@perigon.example`, password: null, roles: [role] });
    await call('administrator', 'PATCH', `/api/v1/users/${users[role]}`, { team: north });
    keys[role] = await keyFor(users[role] ?? '');
  }
  users.noRole = await inside.product.addUser(ctx, { name: 'noRole', email: 'norole@perigon.example', password: null, roles: [] });
  keys.noRole = await keyFor(users.noRole);
  users.gone = await inside.product.addUser(ctx, { name: 'gone', email: 'gone@perigon.example', password: null, roles: ['administrator'] });
  keys.goneUser = await keyFor(users.gone);
  await call('administrator', 'DELETE', `/api/v1/users/${users.gone}`);
  keys.readKey = await keyFor(ctx.actor.userId ?? '', ['parties:read']);
  const revoked = await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'revoked' });
  await revokeApiKey(ctx.db, ctx.actor.userId ?? '', revoked.id);
  keys.revokedKey = revoked.secret;
  keys.expiredKey = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'old', expiresAt: '2020-01-01T00:00:00Z' })).secret;
  keys.forgedKey = 'perigon_forged';

  const other = await inside.product.addUser(ctx, {
    name: `Other ${SECRET}`,
    email: 'other@perigon.example',
    password: null,
    roles: ['salesRep'],
  });
  await call('administrator', 'PATCH', `/api/v1/users/${other}`, { team: south });
  theirs.files = ((await call('administrator', 'POST', `/api/v1/files?name=${SECRET}.txt`, SECRET)).body as { id: string }).id;
  theirs.owner = other;
  const party = await create('parties', {
    name: `Hidden ${SECRET}`,
    files: [theirs.files],
    owner: other,
    emails: [`x@${SECRET}.example`],
    phones: ['+4930777123'],
    externalIds: [{ system: 'erp', value: SECRET }],
    annualRevenue: { amount: '987654.32', currency: 'EUR' },
  });
  theirs.parties = party;
  const opportunity = await create('opportunities', {
    name: `Deal ${SECRET}`,
    customer: party,
    owner: other,
    amount: { amount: '123456.78', currency: 'EUR' },
  });
  theirs.opportunities = opportunity;
  theirs.leads = await create('leads', { name: `Lead ${SECRET}`, party, owner: other, need: SECRET, message: SECRET });
  theirs.orders = await create('orders', { number: `O-${SECRET}`, customer: party, date: '2026-01-01', owner: other });
  theirs.invoices = await create('invoices', { number: `I-${SECRET}`, customer: party, date: '2026-01-01' });
  theirs.payments = await create('payments', {
    number: `Z-${SECRET}`,
    customer: party,
    date: '2026-01-02',
    amount: { amount: '1', currency: 'EUR' },
  });
  theirs.subscriptions = await create('subscriptions', { name: SECRET, party, startsOn: '2026-01-01' });
  theirs.assets = await create('assets', { party, serial: SECRET });
  theirs.cases = await create('cases', { subject: SECRET, customer: party, owner: other });
  theirs.tasks = await create('tasks', { subject: SECRET, party, owner: other });
  theirs.meetings = await create('meetings', { subject: SECRET, party, owner: other, start: '2030-01-01T10:00:00Z', place: SECRET });
  theirs.notes = await create('notes', { subject: SECRET, party, author: other });
  theirs.facts = await create('facts', { text: SECRET, party, author: other });
  theirs.consents = await create('consents', { party, purpose: 'marketing', channel: 'email', how: 'form', source: SECRET, author: other });
  theirs.interactions = await create('interactions', {
    party,
    at: '2026-01-01T00:00:00Z',
    channel: 'phone',
    subject: SECRET,
    agent: other,
  });
  const mine = await create('parties', { name: 'Mine', owner: users.salesRep });
  theirs.mine = mine;
  theirs.shares = await create('shares', { object: 'party', record: party, user: users.agent, level: 'write', reason: SECRET });
  theirs.relationships = await create('relationships', { from: party, to: mine, type: 'partnerOf', comment: SECRET });
  const changes = await call('administrator', 'GET', `/api/v1/stageChanges?opportunity=${opportunity}`);
  theirs.stageChanges = (changes.body as { items: { id: string }[] }).items[0]?.id ?? '';
  theirs.cause = String(
    (await call('administrator', 'PATCH', `/api/v1/parties/${party}`, { description: SECRET })).headers['perigon-cause'],
  );
  const view = await call('administrator', 'POST', '/api/v1/views', {
    object: 'party',
    name: `View ${SECRET}`,
    definition: { where: { field: 'name', op: 'contains', value: SECRET } },
  });
  theirs.view = (view.body as { id: string }).id;
  description = (await inside.ask('GET', '/api/openapi.json')).body as typeof description;
});
afterAll(() => inside.stop());

/** Objects that a sales rep reaches only through owner, team or party. */
const SCOPED = [
  'parties',
  'leads',
  'opportunities',
  'orders',
  'invoices',
  'payments',
  'subscriptions',
  'assets',
  'cases',
  'tasks',
  'meetings',
  'notes',
  'facts',
  'consents',
  'interactions',
  'relationships',
  'stageChanges',
  'files',
  'shares',
];
const CREATE: Record<string, Record<string, unknown>> = {
  leads: { name: 'x', party: '$' },
  opportunities: { name: 'x', customer: '$' },
  orders: { number: 'x', customer: '$', date: '2026-01-01' },
  invoices: { number: 'x', customer: '$', date: '2026-01-01' },
  subscriptions: { name: 'x', party: '$', startsOn: '2026-01-01' },
  assets: { serial: 'x', party: '$' },
  cases: { subject: 'x', customer: '$' },
  tasks: { subject: 'x', party: '$' },
  meetings: { subject: 'x', party: '$', start: '2030-01-01T10:00:00Z' },
  notes: { subject: 'x', party: '$' },
  facts: { text: 'x', party: '$' },
  consents: { party: '$', decision: 'given', purpose: 'marketing', channel: 'email', how: 'form' },
  interactions: { party: '$', at: '2026-01-01T00:00:00Z', channel: 'phone' },
  relationships: { from: '$', to: '$', type: 'partnerOf' },
  parties: { name: 'x', parent: '$' },
  shares: { object: 'party', record: '$', user: '$me' },
};

/** How each described path is called: concrete requests about `id` (a real one that is out of reach, or one that never was). */
function requests(path: string, method: string, id: (plural: string) => string): { method: string; url: string; body?: unknown }[] | null {
  const [, plural = '', rest = ''] = /^\/api\/v1\/([A-Za-z]+)(.*)$/.exec(path) ?? [];
  const known = (url: string, body?: unknown) => [{ method, url, body }];
  switch (`${method} ${path}`) {
    case 'GET /api/v1/setup':
    case 'GET /api/v1/session':
    case 'DELETE /api/v1/session':
    case 'GET /api/v1/sign-in/sessions':
    case 'DELETE /api/v1/sign-in/sessions':
    case 'GET /api/v1/sign-in/events':
    case 'GET /api/v1/sign-in/factor':
    case 'GET /api/v1/sign-in/proof':
    case 'POST /api/v1/sign-in/proof/options':
    case 'GET /api/v1/sign-in/passkeys':
    case 'POST /api/v1/sign-in/passkeys/options':
    case 'POST /api/v1/session/passkey/options':
    case 'GET /api/v1/sign-in/providers':
    case 'GET /api/v1/sign-in/oidc/callback':
    case 'GET /.well-known/oauth-authorization-server':
    case 'GET /.well-known/oauth-protected-resource':
    case 'GET /.well-known/oauth-protected-resource/mcp':
    case 'POST /api/v1/oauth/token':
    case 'POST /api/v1/oauth/revoke':
    case 'GET /api/v1/oauth/grants':
    case 'GET /api/v1/oauth/clients':
    case 'GET /api/v1/jobs':
    case 'GET /api/v1/keys':
    case 'GET /api/v1/imports':
    case 'GET /api/v1/exports':
    case 'GET /api/v1/meta':
    case 'GET /api/v1/presets':
    case 'GET /api/v1/views':
    case 'GET /api/v1/notices':
    case 'GET /api/v1/my-day':
    case 'GET /api/v1/calendar/feed':
    case 'POST /api/v1/calendar/feed':
    case 'DELETE /api/v1/calendar/feed':
    case 'GET /api/v1/calendar/sources':
    case 'GET /api/v1/sample':
    case 'POST /api/v1/sample':
    case 'DELETE /api/v1/sample':
      return known(path);
    case 'POST /api/v1/setup':
      return known(path, {
        company: 'x',
        baseCurrency: 'EUR',
        language: 'en',
        timeZone: 'UTC',
        admin: { name: 'x', email: 'x@y.example', password: 'xxxxxxxx' },
      });
    case 'PATCH /api/v1/session':
      return known(path, { language: 'de' });
    case 'POST /api/v1/session':
      return known(path, { email: 'nobody@perigon.example', password: 'wrong-password' });
    case 'POST /api/v1/session/code':
    case 'POST /api/v1/sign-in/factor/confirm':
      return known(path, { code: '000000' });
    case 'POST /api/v1/sign-in/factor':
    case 'POST /api/v1/sign-in/factor/remove':
      return known(path, {});
    case 'POST /api/v1/sign-in/passkeys':
      return known(path, { name: 'x', response: { id: 'x', rawId: 'x', type: 'public-key', response: {} } });
    case 'POST /api/v1/session/passkey':
      return known(path, { passkey: { id: 'x', rawId: 'x', type: 'public-key', response: {} } });
    case 'POST /api/v1/sign-in/proof':
      return known(path, { password: 'wrong-password' });
    case 'POST /api/v1/sign-in/links':
      return known(path, { user: newId() });
    case 'DELETE /api/v1/sign-in/links':
      return known(`${path}?user=${newId()}`);
    case 'POST /api/v1/sign-in/links/read':
      return known(path, { token: 'none' });
    case 'POST /api/v1/sign-in/links/use':
      return known(path, { token: 'none', password: 'never-to-be-set' });
    case 'POST /api/v1/consents/check':
      return known(path, { parties: [id('parties')], purpose: 'marketing', channel: 'email' });
    case 'GET /api/v1/parties/{id}/consents':
      return known(path.replace('{id}', id('parties')));
    case 'GET /api/v1/retention/runs':
      return known(path);
    case 'POST /api/v1/retention/runs':
      return known(path, { rule: newId() });
    case 'POST /api/v1/retention/preview':
      return known(path, { act: 'delete', object: 'party', where: { field: 'name', op: 'contains', value: SECRET } });
    case 'POST /api/v1/oauth/clients':
      return known(path, { name: 'x', redirectUris: ['https://x.example/'], scopes: ['read'], confidential: false });
    case 'POST /api/v1/oauth/requests':
      return known(path, { client_id: newId(), redirect_uri: 'https://x.example/' });
    case 'POST /api/v1/oauth/decisions':
      return known(path, { request: { client_id: newId(), redirect_uri: 'https://x.example/' }, allow: true });
    case 'POST /api/v1/sign-in/providers':
      return known(path, { name: 'x', issuer: 'https://x.invalid', clientId: 'x' });
    case 'PATCH /api/v1/sign-in/providers/{id}':
    case 'DELETE /api/v1/sign-in/providers/{id}':
      return known(path.replace('{id}', newId()), method === 'PATCH' ? { name: 'x' } : undefined);
    case 'GET /api/v1/sign-in/oidc/{id}/start':
      return known(path.replace('{id}', newId()));
    case 'PUT /api/v1/sign-in/rules':
      return known(path, { secondFactor: true });
    case 'GET /api/v1/events':
      // To its end, so that the answer has one; from the very beginning of the log.
      return [0, 99_999_999].map((after) => ({ method, url: `${path}?follow=false&after=${after}` }));
    case 'GET /api/v1/changes':
      return [0, 99_999_999].map((after) => ({
        method,
        url: `${path}?after=${after}&limit=1000&objects=party,opportunity,case,task,interaction`,
      }));
    case 'GET /mcp':
      return known(path);
    case 'POST /mcp':
      return ['read', 'overview'].map((name) => ({
        method,
        url: path,
        body: {
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name, arguments: { object: 'party', id: id('parties'), party: id('parties') } },
        },
      }));
    case 'POST /api/v1/presence':
      return known(path, { object: 'party', id: id('parties'), state: 'viewing' });
    case 'POST /api/v1/keys':
      return known(path, { name: '' });
    case 'GET /api/v1/calendar/feed/{secret}':
      return known('/api/v1/calendar/feed/none.ics');
    case 'GET /api/v1/meetings/{id}/calendar':
      return known(path.replace('{id}', id('meetings')));
    case 'GET /api/v1/calls':
      return known(path);
    case 'GET /api/v1/calls/{list}':
    case 'DELETE /api/v1/calls/{list}/hold':
      return known(path.replace('{list}', newId()));
    case 'POST /api/v1/calls/{list}/next':
    case 'POST /api/v1/calls/{list}/fill':
      return known(path.replace('{list}', newId()), {});
    case 'POST /api/v1/calls/entries/{id}/undo':
      return known(path.replace('{id}', newId()), { cause: newId() });
    case 'GET /b/{slug}':
    case 'GET /b/{slug}/slots':
    case 'POST /b/{slug}':
    case 'GET /b/booking/{link}':
    case 'GET /b/booking/{link}/calendar':
    case 'POST /b/booking/{link}':
      return known(path.replace(/\{\w+\}/, 'forged'), method === 'POST' ? {} : undefined);
    case 'POST /api/v1/calendar/sources':
      return known(path, { url: 'http://inside.example/' });
    case 'DELETE /api/v1/calendar/sources/{id}':
      return known(path.replace('{id}', newId()));
    case 'GET /api/v1/calendar/events':
      return known(`${path}?from=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z`);
    case 'GET /api/v1/calendar/team':
      return [theirs.owner, newId()].map((people) => ({
        method,
        url: `${path}?from=2029-12-30T00:00:00Z&until=2030-01-05T00:00:00Z&people=${people}`,
      }));
    case 'PUT /api/v1/calendar/team':
      return known(path, { people: [newId()] });
    case 'GET /api/v1/calendar/free':
      return known(`${path}?people=${theirs.owner}&from=2030-01-01T00:00:00Z`);
    case 'GET /api/v1/working-hours':
      return known(path);
    case 'PUT /api/v1/working-hours':
    case 'PUT /api/v1/working-hours/company':
      return known(path, { hours: { 8: [] } });
    case 'POST /api/v1/notices/read':
      return known(path, { ids: [newId()] });
    case 'POST /api/v1/views':
      return known(path, { object: 'nosuch', name: 'x' });
    case 'GET /api/v1/duplicates':
      return ['', `&record=${id('parties')}`].map((more) => ({ method, url: `${path}?object=party${more}` }));
    case 'POST /api/v1/duplicates/like':
      return known(path, { object: 'party', values: { name: `Hidden ${SECRET}`, emails: [`x@${SECRET}.example`] } });
    case 'POST /api/v1/merges':
    case 'POST /api/v1/merges/preview':
      return known(path, { object: 'party', survivor: id('mine'), loser: id('parties') });
    case 'GET /api/v1/duplicates/settings':
      return known(`${path}?object=party`);
    case 'PATCH /api/v1/duplicates/settings':
      return known(path, { object: 'party', threshold: 0.95 });
    case 'POST /api/v1/duplicates/scan':
      return known(path, { object: 'nosuch' });
    case 'POST /api/v1/territories/preview':
    case 'POST /api/v1/territories/apply':
      return known(path, { rules: [] });
    case 'GET /api/v1/quality':
      return ['party', 'opportunity', 'nosuch'].map((object) => ({ method, url: `${path}?object=${object}` }));
    case 'POST /api/v1/quality/measure':
      return known(path, { object: 'nosuch' });
    case 'GET /api/v1/personal-data':
      return ['', `?party=${id('parties')}`].map((more) => ({ method, url: `${path}${more}` }));
    case 'POST /api/v1/personal-data/erasures':
      return known(path, { party: id('parties'), name: `Hidden ${SECRET}` });
    case 'POST /api/v1/personal-data/erased-before':
      return known(path, { marks: [{ kind: 'email', value: `x@${SECRET}.example` }] });
    case 'POST /api/v1/personal-data/erasures/preview':
    case 'POST /api/v1/personal-data/exports':
      return known(path, { party: id('parties') });
    case 'GET /api/v1/personal-data/exports/{id}/file':
      return known(path.replace('{id}', newId()));
    case 'GET /api/v1/backups':
    case 'POST /api/v1/backups':
      return known(path);
    case 'PUT /api/v1/backups/plan':
      return known(path, { daily: true, keep: 7 });
    case 'POST /api/v1/measures/read':
      return known(path, {
        measures: ['wonValue', 'openDeals'],
        by: ['customer'],
        where: { field: 'customer', op: 'eq', value: id('parties') },
      });
    case 'GET /api/v1/forecast':
      return ['team', 'product', 'currency'].map((by) => ({ method, url: `${path}?from=2026-10-01&every=quarter&by=${by}` }));
    case 'GET /api/v1/forecast/trend':
      return known(`${path}?from=2026-10-01&every=quarter`);
    case 'GET /api/v1/forecast/accuracy':
      return known(`${path}?every=quarter`);
    case 'GET /api/v1/lead-scores/{id}':
      return known(path.replace('{id}', id('leads')));
    case 'GET /api/v1/lead-grades':
      return known(path);
    case 'PUT /api/v1/lead-grades':
      return known(path, { A: 70, B: 45, C: 20 });
    case 'POST /api/v1/lead-grades/preview':
      return known(path, {
        rule: { id: null, kind: 'fit', condition: { field: 'need', op: 'contains', value: SECRET }, points: 10 },
      });
    case 'POST /api/v1/assignments/preview':
      return known(path, { ids: [id('leads')] });
    case 'POST /api/v1/forecast/take':
      return known(path);
    case 'PUT /api/v1/stages/{id}/rules':
      return known(path.replace('{id}', id('stages')), { values: { guidance: 'x' }, steps: [{ id: null, text: 'x' }] });
    case 'POST /api/v1/sales/since':
      return known(path, { since: new Date().toISOString().slice(0, 10) });
    case 'POST /api/v1/measures/records':
      return known(path, { measure: 'openDeals', by: ['customer'], cell: [id('parties')] });
    case 'GET /f/{slug}':
    case 'POST /f/{slug}':
      return known('/f/never-was', method === 'POST' ? { name: 'x' } : undefined);
    case 'GET /api/v1/lead-forms/counts':
      return known(path);
    case 'GET /api/v1/lead-forms/{id}/preview':
      return known(path.replace('{id}', id('leads')));
    case 'GET /api/v1/insight/embeds/{id}/link':
      return known(path.replace('{id}', newId()));
    case 'GET /embed/{link}':
      return known(path.replace('{link}', 'forged'));
    case 'GET /api/v1/insight/deliveries':
      return known(path);
    case 'GET /api/v1/insight/deliveries/{id}/file':
    case 'GET /api/v1/insight/schedules/{id}/deliveries':
    case 'POST /api/v1/insight/schedules/{id}/deliver':
      return known(path.replace('{id}', newId()));
    case 'POST /api/v1/insight/pdf':
      return known(path, { name: 'x', reports: [{ name: 'x', question: { measures: ['openDeals'] }, drawing: { form: 'number' } }] });
    case 'GET /api/v1/insight':
      return known(path);
    case 'PUT /api/v1/insight/home':
      return known(path, { dashboard: 'nosuch' });
    case 'POST /api/v1/insight/read':
    case 'POST /api/v1/insight/csv':
      return known(path, {
        question: { measures: ['wonValue', 'openDeals'], by: ['customer'] },
        drawing: { form: 'table' },
        over: { filter: { object: 'opportunity', where: { field: 'customer', op: 'eq', value: id('parties') } } },
      });
    case 'GET /api/v1/measures':
    case 'GET /api/v1/approvals':
    case 'GET /api/v1/outbox':
    case 'GET /api/v1/figures':
      return known(path);
    case 'POST /api/v1/figures/rebuild':
      return known(path, { object: 'nosuch' });
    case 'POST /api/v1/duplicates/{id}/decide':
      return known(path.replace('{id}', newId()), { state: 'dismissed' });
    case 'PATCH /api/v1/views/{id}':
    case 'DELETE /api/v1/views/{id}':
      return known(path.replace('{id}', id('view')), method === 'PATCH' ? { name: 'mine now', shared: true } : undefined);
    case 'GET /api/v1/search':
      return [SECRET, '777123', 'zqx', 'Hidden'].map((q) => ({ method, url: `${path}?q=${q}` }));
    case 'POST /api/v1/parties/resolve':
      return known(path, {
        identifiers: [{ kind: 'email', value: id('parties') === theirs.parties ? `x@${SECRET}.example` : 'none@nowhere.example' }],
      });
    case 'POST /api/v1/imports':
    case 'POST /api/v1/imports/inspect':
      return known(path, {});
    case 'POST /api/v1/files':
      return known(`${path}?name=x`);
    case 'GET /api/v1/files/{id}':
    case 'GET /api/v1/files/{id}/{name}':
    case 'GET /api/v1/files/{id}/thumbnail':
      return known(path.replace('{id}', id('files')).replace('{name}', 'x.txt'));
    case 'POST /api/v1/exports':
      return known(path, { object: 'nosuch', format: 'csv' });
    case 'GET /api/v1/causes':
      return ['', `?object=party&actor=${newId()}`, `?parent=${id('cause')}`].map((more) => ({ method, url: `${path}${more}` }));
    case 'GET /api/v1/trash':
      return ['', `?q=${SECRET}`, '?object=party'].map((more) => ({ method, url: `${path}${more}` }));
    case 'POST /api/v1/trash/restore':
      return known(path, { object: 'party', ids: [id('parties')] });
    case 'GET /api/v1/causes/{id}/changes':
      return known(path.replace('{id}', id('cause')));
    case 'GET /api/v1/causes/{id}/undo':
    case 'POST /api/v1/causes/{id}/undo':
      return known(path.replace('{id}', id('cause')));
  }
  if (/^\/api\/v1\/(jobs|keys|imports|exports|sign-in\/sessions|sign-in\/passkeys|oauth\/grants|oauth\/clients)\/\{id\}/.test(path))
    return known(path.replace('{id}', newId()), method === 'POST' ? {} : undefined);
  if (/^\/api\/v1\/flows\/(check|startable|try)$/.test(path))
    return method === 'GET' ? known(`${path}?object=party`) : known(path, { definition: { object: 'party' } });
  const [, act] = /^\/api\/v1\/flow(?:s|-runs)\/\{id\}\/(\w+)$/.exec(path) ?? [];
  if (act !== undefined && act !== 'history' && act !== 'access') {
    const body: Record<string, unknown> = { secret: { kind: 'inbound' }, start: { ids: [id('parties')] }, decide: { verdict: 'approve' } };
    return known(path.replace('{id}', newId()), method === 'GET' ? undefined : (body[act] ?? {}));
  }
  if (path === '/api/v1/flows/{id}/inbound/{secret}')
    return known(path.replace('{id}', newId()).replace('{secret}', 'none'), { name: 'x' });
  if (/^\/api\/v1\/webhooks\/\{id\}\/(secret|test|replay)$/.test(path))
    return known(path.replace('{id}', newId()), path.endsWith('replay') ? { after: 0 } : undefined);
  if (path === '/api/v1/outbox/{id}/resend') return known(path.replace('{id}', newId()));
  if (path.startsWith('/api/v1/flow-runs')) return known(path.replace('{id}', newId()));
  if (path.startsWith('/api/v1/catalogue')) {
    const body: Record<string, unknown> = {
      'POST /api/v1/catalogue/objects': { words: { en: { name: 'x', plural: 'xs' } } },
      'POST /api/v1/catalogue/objects/{object}/fields': { field: { type: 'text' }, words: { en: { label: 'x' } } },
      'POST /api/v1/catalogue/objects/{object}/formula': { expression: 'name' },
    };
    const url = path.replace('{object}', 'party').replace('{field}', 'description').replace('{version}', '1');
    return known(url, method === 'GET' ? undefined : (body[`${method} ${path}`] ?? {}));
  }
  if (path.startsWith('/api/v1/actions/')) {
    const action = path.split('/').pop();
    const about =
      action === 'qualifyLead' || action === 'convertLead' || action === 'assignLeads'
        ? id('leads')
        : action === 'closeOpportunity'
          ? id('opportunities')
          : action === 'closeCase'
            ? id('cases')
            : action === 'completeTask' || action === 'skipTask'
              ? id('tasks')
              : action === 'changeFollowing' || action === 'cancelFollowing'
                ? id('meetings')
                : action === 'copyPipeline'
                  ? id('pipelines')
                  : id('parties');
    const body: Record<string, Record<string, unknown>> = {
      assignOwner: { object: 'party', owner: '$me', ids: [about] },
      logCall: { party: about, subject: 'x' },
      closeOpportunity: { as: 'won', ids: [about] },
      qualifyLead: { need: 'x', timeframe: 'now', ids: [about] },
      convertLead: { ids: [about] },
      closeCase: { solution: 'x', ids: [about] },
      completeTask: { ids: [about] },
      skipTask: { ids: [about] },
      changeFollowing: { ids: [about], subject: 'x' },
      cancelFollowing: { ids: [about] },
      copyPipeline: { ids: [about], name: 'x' },
      addToCallList: { ids: [about], list: newId() },
      // What was called for is its own; see tests/scenarios/call-lists.test.ts.
      logCallOutcome: { ids: [newId()], outcome: 'reached' },
      assignLeads: { ids: [about] },
    };
    return action && body[action] ? known(path, body[action]) : null;
  }
  if (path === '/api/v1/users/{id}/hand-over')
    return method === 'GET' ? [{ method, url: path.replace('{id}', newId()) }] : known(path.replace('{id}', newId()), { to: newId() });
  if (path === '/api/v1/users/{id}/password') return known(path.replace('{id}', newId()), { password: 'never-to-be-set' });
  const one = id(plural);
  switch (`${method} ${rest}`) {
    case 'GET ':
      return [
        { method, url: `/api/v1/${plural}?limit=500&count=true` },
        { method, url: `/api/v1/${plural}?id=${one}` },
        { method, url: `/api/v1/${plural}?sort=-createdAt&fields=id,createdBy.name` },
      ];
    case 'GET /export':
      return ['csv', 'ndjson'].map((format) => ({ method, url: `/api/v1/${plural}/export?format=${format}` }));
    case 'POST ':
      return known(
        `/api/v1/${plural}`,
        CREATE[plural]
          ? Object.fromEntries(Object.entries(CREATE[plural] ?? {}).map(([key, value]) => [key, value === '$' ? id('parties') : value]))
          : {},
      );
    case 'GET /{id}':
    case 'GET /{id}/history':
    case 'GET /{id}/access':
    case 'GET /{id}/quality':
    case 'GET /{id}/overview':
    case 'GET /{id}/brief':
    case 'GET /{id}/timeline':
    case 'DELETE /{id}':
      return known(`/api/v1/${plural}${rest.replace('{id}', one)}`);
    case 'PATCH /{id}':
      return known(`/api/v1/${plural}/${one}`, { externalIds: [{ system: 'test', value: 'x' }] });
    case 'POST /query':
      return [
        known(`/api/v1/${plural}/query`, {}),
        known(`/api/v1/${plural}/query`, { where: { field: 'id', op: 'eq', value: one }, count: true }),
      ].flat();
    case 'POST /aggregate':
      return known(`/api/v1/${plural}/aggregate`, {
        groupBy: ['createdBy'],
        measures: { n: { op: 'count' }, last: { op: 'max', field: 'createdAt' } },
        where: { field: 'id', op: 'eq', value: one },
      });
    case 'POST /bulk':
      return [
        known(`/api/v1/${plural}/bulk`, { where: { field: 'id', op: 'eq', value: one }, delete: true }),
        known(`/api/v1/${plural}/bulk`, {
          where: { field: 'id', op: 'eq', value: one },
          set: { externalIds: [{ system: 'test', value: 'x' }] },
        }),
      ].flat();
    case 'POST /batch':
      return [
        {
          method,
          url: `/api/v1/${plural}/batch`,
          body: { operations: [{ op: 'update', id: one, values: { externalIds: [{ system: 'test', value: 'x' }] } }], partial: true },
        },
        { method, url: `/api/v1/${plural}/batch`, body: { operations: [{ op: 'delete', id: one }] } },
      ];
  }
  return null;
}

const described = () =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })),
  );
/** What differs between two answers without meaning anything: ids of causes and requests, moments. */
const bare = (text: string, ids: string[]): string =>
  ids
    .reduce((left, id) => left.replaceAll(id, '#'), text)
    .replace(/"(cause|request)":"[^"]*"/g, '')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '#')
    .replace(/x@zqxsecret\.example|none@nowhere\.example/g, '#');

describe('every route that is described', () => {
  it('is known to this test, and every mounted route is described', () => {
    const unknown = described().filter(({ path, method }) => requests(path, method, () => newId()) === null);
    expect(unknown).toEqual([]);
    const ours = new Set(described().map(({ path, method }) => `${method} ${path.replace(/\{\w+\}/g, ':')}`));
    const objects = [...inside.product.model.byPlural.keys()];
    const actions = [...inside.product.model.actions.keys()];
    // What a browser or a monitor asks, without data: pages, their assets, health, the description itself.
    const open = /^(GET|HEAD) (\/healthz|\/readyz|\/metrics|\/api\/openapi\.json|\/api\/docs.*|\/assets\/.*|\/[^/]*|\/fonts\/.*|\/\*)$/;
    const mounted = inside.product.mounted.filter((route) => !route.startsWith('HEAD ') && !open.test(route));
    expect(mounted.length).toBeGreaterThan(30);
    for (const route of mounted) {
      for (const name of route.includes(':plural') ? objects : route.includes(':action') ? actions : ['']) {
        const written = route.replace(':plural', name).replace(':action', name).replace(/:\w+/g, ':');
        expect(ours.has(written), `${written} is mounted but not described`).toBe(true);
      }
    }
  });

  it('asks who is there: nobody, and revoked, expired, forged and orphaned keys, get 401 and nothing else', async () => {
    for (const actor of ['nobody', 'revokedKey', 'expiredKey', 'forgedKey', 'goneUser']) {
      for (const { path, method } of described()) {
        if (description.paths[path]?.[method.toLowerCase()]?.security?.length === 0) continue;
        for (const { url, body } of requests(path, method, (plural) => theirs[plural] ?? newId()) ?? []) {
          const answer = await call(actor, method, url, body);
          expect(answer.status, `${actor} ${method} ${url}`).toBe(401);
          expect(answer.text).not.toContain(SECRET);
          expect(Object.keys(answer.body as object).sort()).toEqual(['code', 'detail', 'errors', 'request', 'status', 'title', 'type']);
        }
      }
    }
  });

  it('shows a sales rep nothing of another team: real ids are answered as ids that never were', async () => {
    const never = newId();
    for (const { path, method } of described()) {
      const [, plural = ''] = /^\/api\/v1\/([A-Za-z]+)/.exec(path) ?? [];
      const real = requests(path, method, (name) => theirs[name] ?? never) ?? [];
      const absent = requests(path, method, () => never) ?? [];
      for (const [i, { url, body }] of real.entries()) {
        const twin = absent[i];
        const substituted = body && JSON.parse(JSON.stringify(body).replaceAll('$me', (await inside.ctx()).actor.userId ?? ''));
        const answer = await call('salesRep', method, url, substituted);
        expect(answer.status, `${method} ${url} ${answer.text}`).toBeLessThan(500);
        // Configuration (users, teams, products) is for everyone to read; the other team's name is no secret there.
        if (!SCOPED.includes(plural) && !path.includes('/actions/') && !path.includes('/causes/')) {
          if (!['users', 'teams', 'search'].includes(plural))
            expect(answer.text.replaceAll(`Other ${SECRET}`, ''), `${method} ${url}`).not.toContain(SECRET);
          continue;
        }
        expect(answer.text.replaceAll(`Other ${SECRET}`, '').replaceAll(`x@${SECRET}.example`, ''), `${method} ${url}`).not.toContain(
          SECRET,
        );
        if (!twin || (plural === 'relationships' && method === 'GET')) continue;
        const same = await call(
          'salesRep',
          twin.method,
          twin.url,
          twin.body && JSON.parse(JSON.stringify(twin.body).replaceAll('$me', (await inside.ctx()).actor.userId ?? '')),
        );
        expect(answer.status, `${method} ${url}\n${answer.text}\n${same.text}`).toBe(same.status);
        expect(bare(answer.text, [never, ...Object.values(theirs)]), `${method} ${url}`).toBe(
          bare(same.text, [never, ...Object.values(theirs)]),
        );
      }
    }
    // Nothing of it was changed by all these attempts.
    const untouched = await call('administrator', 'GET', `/api/v1/parties/${theirs.parties}`);
    expect((untouched.body as { version: number }).version).toBe(2);
  });

  it('finds for search only what the actor may read', async () => {
    for (const q of [SECRET, '777123', 'zqx', 'Hidden']) {
      const answer = await call('salesRep', 'GET', `/api/v1/search?q=${q}`);
      expect((answer.body as { items: { object: string }[] }).items.filter((hit) => !['user', 'team'].includes(hit.object))).toEqual([]);
      const all = await call('administrator', 'GET', `/api/v1/search?q=${q}`);
      expect((all.body as { items: unknown[] }).items.length).toBeGreaterThan(0);
    }
  });

  it('never shows an agent what deals are worth', async () => {
    for (const { path, method } of described()) {
      if (
        method === 'DELETE' ||
        method === 'PATCH' ||
        path.includes('/actions/') ||
        path.includes('/causes/') ||
        path.includes('/batch') ||
        path === '/api/v1/session'
      )
        continue;
      for (const { url, body } of requests(path, method, (plural) => theirs[plural] ?? newId()) ?? []) {
        const answer = await call('agent', method, url, method === 'POST' && !/query|aggregate|resolve/.test(url) ? {} : body);
        expect(answer.status, `${method} ${url} ${answer.text}`).toBeLessThan(500);
        expect(answer.text, `${method} ${url}`).not.toMatch(/123456\.78|987654\.32/);
      }
    }
  });

  it('lets the read-only role and a key with a read scope change nothing', async () => {
    const ctx = await inside.ctx();
    const count = async () => (await ctx.db.query<{ n: number }>('select count(*)::int as n from changes'))[0]?.n;
    const before = await count();
    for (const actor of ['readOnly', 'readKey', 'noRole']) {
      for (const { path, method } of described()) {
        if (
          method === 'GET' ||
          /query|aggregate|measures\/|insight\/(read|csv)|sales\/since|resolve|duplicates\/like|session|setup|presence|notices|calendar\/feed|consents\/check/.test(
            path,
          )
        )
          continue;
        for (const { url, body } of requests(path, method, (plural) => theirs[plural] ?? newId()) ?? []) {
          // These say in their answer what was refused.
          const own = path.endsWith('/batch') || path === '/mcp';
          const answer = await call(actor, method, url, body && JSON.parse(JSON.stringify(body).replaceAll('$me', ctx.actor.userId ?? '')));
          expect(answer.status, `${actor} ${method} ${url} ${answer.text}`).toBeGreaterThanOrEqual(own ? 200 : 400);
          expect(answer.status).toBeLessThan(500);
        }
      }
    }
    expect(await count()).toBe(before);
    expect((await call('readKey', 'GET', `/api/v1/parties/${theirs.parties}`)).status).toBe(200);
    expect((await call('readKey', 'GET', `/api/v1/cases/${theirs.cases}`)).status).toBe(404);
    expect((await call('noRole', 'GET', '/api/v1/parties')).status).toBe(404);
  });

  it('refuses requests of other sites with the cookie, and takes them from its own', async () => {
    const signedIn = await inside.ask('POST', '/api/v1/session', { body: { email: 'ana@perigon.example', password: 'perigon-1234' } });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    expect(String(signedIn.headers['set-cookie'])).toMatch(/HttpOnly.*SameSite=Lax/i);
    const post = (headers: Record<string, string>) =>
      inside.ask('POST', '/api/v1/notes', { body: { subject: 'x', party: theirs.parties }, headers: { cookie, ...headers } });
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await post({})).status).toBe(403);
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(201);
  });
});
