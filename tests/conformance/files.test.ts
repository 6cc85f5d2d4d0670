import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { fileLimit, sweepFiles } from '#engine/files/files.ts';
import { openFileStore } from '#engine/files/store.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

interface Sent {
  id: string;
  name: string;
  type: string;
  size: number;
  url: string;
  width?: number;
  height?: number;
  thumbnail?: string;
}

let inside: Inside;
let base: string;
const keys: Record<string, string> = {};
const users: Record<string, string> = {};
const ask = async (who: string, method: string, path: string, body?: unknown) =>
  (await inside.ask(method, path, { key: keys[who], body })) as {
    status: number;
    body: Record<string, unknown> & { errors?: { path: string; code: string; detail: string }[] };
    text: string;
    headers: Record<string, unknown>;
  };
const fetched = (who: string | null, path: string, headers: Record<string, string> = {}) =>
  fetch(`${base}${path}`, {
    headers: { 'x-request-id': 'one-of-the-tests', ...(who ? { authorization: `Bearer ${keys[who]}` } : {}), ...headers },
  });
const post = (who: string | null, path: string, body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(`${base}${path}`, {
    method: 'POST',
    body,
    headers: { 'x-request-id': 'one-of-the-tests', ...(who ? { authorization: `Bearer ${keys[who]}` } : {}), ...headers },
  });
const send = async (who: string, name: string, content: string | Buffer): Promise<Sent> => {
  const answer = await post(who, `/api/v1/files?name=${encodeURIComponent(name)}`, content as BodyInit, { 'content-type': 'text/html' });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return (await answer.json()) as Sent;
};
const picture = (width = 300, height = 200, background = '#0b6b6b') =>
  sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  keys.admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  // Two sales reps of different teams, and one for whom the picture of a party is hidden.
  await ask('admin', 'POST', '/api/v1/roles', {
    name: 'Blind',
    key: 'blind',
    rights: { objects: { '*': { create: 'all', read: 'all', update: 'all', delete: 'all' } }, fields: { party: { picture: 'hidden' } } },
  });
  await ask('admin', 'POST', '/api/v1/roles', { name: 'Onlooker', key: 'onlooker', rights: { objects: { '*': { read: 'all' } } } });
  for (const [who, role] of [
    ['ben', 'salesRep'],
    ['cleo', 'salesRep'],
    ['blind', 'blind'],
    ['onlooker', 'onlooker'],
  ] as const) {
    users[who] = await inside.product.addUser(ctx, { name: who, email: `${who}@perigon.example`, password: null, roles: [role] });
    keys[who] = (await createApiKey(ctx.db, { userId: users[who] ?? '', name: 'test' })).secret;
  }
  base = await inside.product.http.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => inside.stop());

describe('sending and fetching', () => {
  it('takes a body and a form, tells what it is by its content, and gives the bytes back', async () => {
    const content = await picture();
    const body = await send('ben', 'Foto “neu”.png', content);
    expect(body).toMatchObject({ name: 'Foto “neu”.png', type: 'image/jpeg', size: content.length, width: 300, height: 200 });
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(content)], { type: 'text/plain' }), 'same.jpg');
    const second = (await (await post('ben', '/api/v1/files', form)).json()) as Sent;
    expect(second).toMatchObject({ name: 'same.jpg', type: 'image/jpeg', size: content.length });
    // One content, kept once.
    const sha = createHash('sha256').update(content).digest('hex');
    expect(existsSync(join(inside.product.dataFolder, 'files', sha.slice(0, 2), sha))).toBe(true);
    expect(readdirSync(join(inside.product.dataFolder, 'incoming'))).toEqual([]);
    for (const path of [body.url, `${body.url}/any-name.jpg`]) {
      const got = await fetched('ben', path);
      expect(got.status).toBe(200);
      expect(Buffer.from(await got.arrayBuffer()).equals(content)).toBe(true);
      expect(got.headers.get('content-type')).toBe('image/jpeg');
      expect(got.headers.get('x-content-type-options')).toBe('nosniff');
      expect(got.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
      expect(got.headers.get('content-disposition')).toMatch(/^inline; filename="Foto _neu_\.png"; filename\*=UTF-8''Foto%20/);
      expect(got.headers.get('cache-control')).toMatch(/private/);
    }
  });

  it('answers ranges, known versions and impossible parts', async () => {
    const sent = await send('ben', 'digits.txt', '0123456789');
    const part = await fetched('ben', sent.url, { range: 'bytes=2-4' });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234']);
    const end = await fetched('ben', sent.url, { range: 'bytes=-3' });
    expect(await end.text()).toBe('789');
    const none = await fetched('ben', sent.url, { range: 'bytes=20-' });
    expect([none.status, none.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    const etag = (await fetched('ben', sent.url)).headers.get('etag') ?? '';
    const known = await fetched('ben', sent.url, { 'if-none-match': etag });
    expect([known.status, await known.text()]).toEqual([304, '']);
    // Who may not read it is not even told that it has not changed.
    expect((await fetched('cleo', sent.url, { 'if-none-match': etag })).status).toBe(404);
  });

  it('saves, never shows, what could run in a browser', async () => {
    for (const [name, content] of [
      ['page.png', '<html><script>alert(1)</script></html>'],
      ['logo.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
      ['paper.pdf', '%PDF-1.4 x'],
      ['notes.html', 'just text'],
    ]) {
      const sent = await send('ben', name ?? '', content ?? '');
      expect(sent.thumbnail).toBeUndefined();
      const got = await fetched('ben', sent.url);
      expect(got.headers.get('content-disposition'), name).toMatch(/^attachment;/);
      expect(got.headers.get('content-security-policy')).toMatch(/sandbox/);
    }
  });

  it('makes thumbnails upright and no larger than asked, and keeps them', async () => {
    // A camera held on its side: the header says to turn it.
    const turned = await sharp(await picture(300, 200))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const sent = await send('ben', 'turned.jpg', turned);
    expect([sent.width, sent.height]).toEqual([200, 300]);
    for (let i = 0; i < 2; i++) {
      const got = await fetched('ben', `${sent.thumbnail}?size=64`);
      expect([got.status, got.headers.get('content-type'), got.headers.get('x-content-type-options')]).toEqual([
        200,
        'image/webp',
        'nosniff',
      ]);
      const made = await sharp(Buffer.from(await got.arrayBuffer())).metadata();
      expect([made.width, made.height, made.exif]).toEqual([43, 64, undefined]);
    }
    expect(readdirSync(join(inside.product.dataFolder, 'files', 'thumbnails')).length).toBeGreaterThan(0);
    expect((await fetched('ben', `${sent.thumbnail}?size=99999`)).status).toBe(422);
    const text = await send('ben', 'a.txt', 'words');
    expect((await fetched('ben', `${text.url}/thumbnail`)).status).toBe(404);
  });

  it('refuses the empty, the too large, the nameless crowd and who may write nothing', async () => {
    expect((await post('ben', '/api/v1/files?name=x', '', { 'content-type': 'text/plain' })).status).toBe(422);
    const large = await post('ben', '/api/v1/files?name=large.bin', Buffer.alloc(fileLimit() + 1) as unknown as BodyInit, {
      'content-type': 'application/octet-stream',
    }).catch(() => null);
    // The server stops listening in the middle: a client may see the answer or the end of the line.
    if (large) expect([large.status, ((await large.json()) as { errors: { code: string }[] }).errors[0]?.code]).toEqual([422, 'tooLarge']);
    expect(readdirSync(join(inside.product.dataFolder, 'incoming'))).toEqual([]);
    expect((await post(null, '/api/v1/files?name=x', 'x')).status).toBe(401);
    expect((await post('onlooker', '/api/v1/files?name=x', 'x')).status).toBe(403);
    const odd = await send('ben', '../../../etc/passwd\u202egnp.exe', 'root');
    expect(odd.name).toBe('passwdgnp.exe');
  });

  it('takes no picture that is none, is torn, or is of a kind the field does not take', async () => {
    const party = (await ask('admin', 'POST', '/api/v1/parties', { name: 'Pictured' })).body;
    const whole = await picture(400, 400);
    for (const [name, content] of [
      ['page.png', Buffer.from('<html>no picture</html>')],
      ['torn.jpg', whole.subarray(0, 400)],
      ['sheet.csv', Buffer.from('a,b\n1,2\n')],
    ] as const) {
      const sent = await send('admin', name, content);
      const refused = await ask('admin', 'PATCH', `/api/v1/parties/${party.id}`, { picture: sent.id });
      expect([refused.status, refused.body.errors?.[0]?.path], name).toEqual([422, 'picture']);
    }
  });
});

describe('who may read a file', () => {
  let party: string;
  let secret: Sent;
  const reaches = async (who: string, file: Sent) => {
    const paths = [file.url, `${file.url}/x`, `${file.thumbnail}`, `${file.thumbnail}?size=256`];
    return (await Promise.all(paths.map(async (path) => (await fetched(who, path)).status))).map(String).join(' ');
  };

  beforeAll(async () => {
    secret = await send('ben', 'secret.jpg', await picture(310, 200));
    party = String((await ask('ben', 'POST', '/api/v1/parties', { name: 'Ben’s own', picture: secret.id })).body.id);
  });

  it('until a record holds it: who sent it, nobody else', async () => {
    const loose = await send('ben', 'loose.jpg', await picture(320, 200));
    expect(await reaches('ben', loose)).toBe('200 200 200 200');
    for (const who of ['cleo', 'admin', 'blind']) expect(await reaches(who, loose), who).toBe('404 404 404 404');
    expect((await fetched(null, loose.url)).status).toBe(401);
  });

  it('then: who may read the record and the field', async () => {
    expect(await reaches('ben', secret)).toBe('200 200 200 200');
    expect(await reaches('admin', secret)).toBe('200 200 200 200');
    expect(await reaches('cleo', secret)).toBe('404 404 404 404');
    // Reads every party, but not their pictures.
    expect((await ask('blind', 'GET', `/api/v1/parties/${party}`)).status).toBe(200);
    expect(await reaches('blind', secret)).toBe('404 404 404 404');
    const missing = await fetched('cleo', `/api/v1/files/01a1ffd0-be67-72c5-a33a-c75cf014b97b`);
    const hidden = await fetched('cleo', secret.url);
    expect(await hidden.json()).toEqual(await missing.json());
  });

  it('naming the id of another’s file in a record of one’s own opens nothing', async () => {
    const mine = String((await ask('cleo', 'POST', '/api/v1/parties', { name: 'Cleo’s own' })).body.id);
    const attempts: [string, string, unknown][] = [
      ['POST', '/api/v1/parties', { name: 'x', picture: secret.id }],
      ['POST', '/api/v1/parties', { name: 'x', files: [secret.id] }],
      ['PATCH', `/api/v1/parties/${mine}`, { picture: secret.id }],
      ['PATCH', `/api/v1/parties/${mine}`, { files: [{ ...secret, name: 'mine.jpg' }] }],
      ['POST', '/api/v1/parties/batch', { operations: [{ op: 'update', id: mine, values: { files: [secret.id] } }] }],
      ['POST', '/api/v1/notes', { subject: 'x', party: mine, body: `<p>x</p><img src="${secret.url}">` }],
      [
        'POST',
        '/api/v1/notes',
        { subject: 'x', party: mine, body: `<IMG SRC='${secret.url.toUpperCase().replace('/API/V1/FILES', '/api/v1/files')}/a.png'>` },
      ],
    ];
    for (const [method, path, body] of attempts) {
      const refused = await ask('cleo', method, path, body);
      expect(refused.status, JSON.stringify(body)).toBe(422);
      // As if there were no such file.
      const nothing = JSON.parse(
        JSON.stringify(body).replaceAll(new RegExp(secret.id, 'gi'), '01a1ffd0-be67-72c5-a33a-c75cf014b97b'),
      ) as unknown;
      expect((await ask('cleo', method, path, nothing)).text).toBe(refused.text);
      expect(await reaches('cleo', secret)).toBe('404 404 404 404');
    }
    // The blind one reads the party, not its picture: nor may they carry it elsewhere.
    expect((await ask('blind', 'POST', '/api/v1/parties', { name: 'x', files: [secret.id] })).status).toBe(422);
  });

  it('who may read it may put it elsewhere, and it opens there', async () => {
    const shared = await ask('admin', 'POST', '/api/v1/parties', { name: 'Shared', owner: users.cleo, files: [secret.id] });
    expect(shared.status).toBe(201);
    expect(await reaches('cleo', secret)).toBe('200 200 200 200');
    // Taken away there, it is closed again.
    await ask('admin', 'PATCH', `/api/v1/parties/${shared.body.id}`, { files: null });
    expect(await reaches('cleo', secret)).toBe('404 404 404 404');
  });

  it('a record in the trash shows its files to nobody; undo and restoring show them again', async () => {
    const sent = await send('ben', 'b.jpg', await picture(330, 200));
    const other = await send('ben', 'c.jpg', await picture(340, 200));
    const record = (await ask('ben', 'POST', '/api/v1/parties', { name: 'To and fro', files: [sent.id, other.id] })).body;
    const removed = await ask('admin', 'PATCH', `/api/v1/parties/${record.id}`, { files: [other.id] });
    expect(await reaches('admin', sent)).toBe('404 404 404 404');
    expect((await ask('admin', 'POST', `/api/v1/causes/${removed.headers['perigon-cause']}/undo`)).status).toBe(200);
    expect(((await ask('admin', 'GET', `/api/v1/parties/${record.id}`)).body.files as Sent[]).map(({ name }) => name)).toEqual([
      'b.jpg',
      'c.jpg',
    ]);
    expect(await reaches('admin', sent)).toBe('200 200 200 200');
    const deleted = await ask('admin', 'DELETE', `/api/v1/parties/${record.id}`);
    expect(deleted.status).toBeLessThan(300);
    expect(await reaches('admin', sent)).toBe('404 404 404 404');
    expect(await reaches('ben', sent)).toBe('404 404 404 404');
    await ask('admin', 'POST', `/api/v1/causes/${deleted.headers['perigon-cause']}/undo`);
    expect(await reaches('ben', sent)).toBe('200 200 200 200');
  });

  it('a picture in a note opens to the readers of the note', async () => {
    const sent = await send('ben', 'in-note.jpg', await picture(350, 200));
    const note = await ask('ben', 'POST', '/api/v1/notes', { subject: 'See', party, body: `<p>see</p><img src="${sent.url}">` });
    expect(note.status, note.text).toBe(201);
    expect(await reaches('admin', sent)).toBe('200 200 200 200');
    expect(await reaches('cleo', sent)).toBe('404 404 404 404');
  });
});

describe('files that nobody uses', () => {
  it('go after a day, their content with them unless another file has the same', async () => {
    const { db } = inside.product;
    const place = { store: openFileStore(inside.product.dataFolder), temporary: '', maxBytes: 1 };
    const at = (content: string) => {
      const sha = createHash('sha256').update(content).digest('hex');
      return join(inside.product.dataFolder, 'files', sha.slice(0, 2), sha);
    };
    const loose = await send('ben', 'loose.txt', 'loose');
    const twin = await send('ben', 'twin.txt', 'twin');
    const used = await send('ben', 'used.txt', 'twin');
    const young = await send('ben', 'young.txt', 'young');
    const record = (await ask('ben', 'POST', '/api/v1/parties', { name: 'Keeper', files: [used.id] })).body;
    // What a record once held stays: undo may want it.
    await ask('ben', 'PATCH', `/api/v1/parties/${record.id}`, { files: null });
    await db.query(`update files set created_at = now() - interval '2 days' where id = any($1::uuid[])`, [[loose.id, twin.id, used.id]]);
    expect(await sweepFiles(db, place)).toBeGreaterThanOrEqual(2);
    expect([existsSync(at('loose')), existsSync(at('twin')), existsSync(at('young'))]).toEqual([false, true, true]);
    for (const [file, status] of [
      [loose, 404],
      [twin, 404],
      [young, 200],
      [used, 200],
    ] as const)
      expect((await fetched('ben', file.url)).status, file.name).toBe(status);
    expect((await ask('ben', 'PATCH', `/api/v1/parties/${record.id}`, { files: [loose.id] })).status).toBe(422);
  });
});
