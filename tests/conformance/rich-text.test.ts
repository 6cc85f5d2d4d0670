import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProduct, type Product } from '#apps/server/product.ts';
import { createApiKey } from '#engine/access/sign-in.ts';
import * as f from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { newCause } from '#engine/record/context.ts';
import { readPage, recordsOf } from '#engine/record/read.ts';
import { undoCause } from '#engine/record/undo.ts';
import { writeOne } from '#engine/record/write.ts';
import { freshDatabase } from '#tests/harness/database.ts';
import { ADMIN, type Inside, insideProduct } from '#tests/harness/inside.ts';
import { ATTACKS as MARKUP, SOMEBODY } from '#tests/harness/markup-attacks.ts';

describe('markup from outside, through every door', () => {
  let inside: Inside;
  let key: string;
  let party: string;
  let ATTACKS: string[];
  const ask = async (method: string, path: string, body?: unknown) =>
    (await inside.ask(method, path, { key, body })) as { status: number; body: Record<string, unknown>; headers: Record<string, unknown> };
  const picture = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#0b6b6b' } })
      .png()
      .toBuffer();
  const sent = async (name: string, payload: Buffer | string): Promise<string> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream' };
    const answer = await inside.product.http.inject({ method: 'POST', url: `/api/v1/files?name=${name}`, headers, payload });
    expect(answer.statusCode, answer.body).toBe(201);
    return (JSON.parse(answer.body) as { id: string }).id;
  };
  /** Nothing may be left that runs, loads or dresses up: tags and attributes are read back as a browser would. */
  const expectHarmless = (html: unknown) => {
    for (const [tag] of String(html ?? '').matchAll(/<[^>]*>/g)) {
      expect(tag).toMatch(/^<\/?(p|br|hr|h[234]|strong|em|u|s|code|pre|blockquote|ul|ol|li|a|span|img)( [^>]*)?>$/);
      expect(tag).not.toMatch(/\son\w+\s*=|style=|class=|javascript:|data:|src="(?!\/api\/v1\/files\/)/i);
    }
  };

  beforeAll(async () => {
    inside = await insideProduct({ background: true });
    const ctx = await inside.ctx();
    key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
    party = String((await ask('POST', '/api/v1/parties', { kind: 'person', personName: 'Ana Abel' })).body.id);
    // A picture named in them must be one that may be named, or the note is refused before its markup is seen.
    const id = await sent('a.png', await picture(2, 2));
    ATTACKS = MARKUP.map((text) => text.replaceAll(`/files/${SOMEBODY}`, `/files/${id}`));
  });
  afterAll(() => inside.stop());

  it('by the API, in creates, changes and batches, and by undo', async () => {
    for (const attack of ATTACKS) {
      const made = await ask('POST', '/api/v1/notes', { subject: 'x', party, body: attack });
      expect(made.status, attack).toBe(201);
      expectHarmless(made.body.body);
      const changed = await ask('PATCH', `/api/v1/notes/${made.body.id}`, { body: `<p>and</p>${attack}` });
      expectHarmless(changed.body.body);
      if (changed.headers['perigon-cause']) await ask('POST', `/api/v1/causes/${changed.headers['perigon-cause']}/undo`);
      const back = await ask('GET', `/api/v1/notes/${made.body.id}`);
      expectHarmless(back.body.body);
      expect(back.body.body).toEqual(made.body.body);
      const history = await ask('GET', `/api/v1/notes/${made.body.id}/history`);
      for (const item of history.body.items as { fields: Record<string, { from: unknown; to: unknown }> }[]) {
        expectHarmless(item.fields.body?.from);
        expectHarmless(item.fields.body?.to);
      }
    }
    const batch = { operations: ATTACKS.map((body) => ({ op: 'create', values: { subject: 'batched', party, body } })) };
    expect((await ask('POST', '/api/v1/notes/batch', batch)).status).toBe(200);
    const { items } = (await ask('GET', '/api/v1/notes?subject=batched&limit=500')).body as { items: { body: unknown }[] };
    expect(items).toHaveLength(ATTACKS.length);
    for (const item of items) expectHarmless(item.body);
  });

  it('shows only pictures of our own that its writer may read, and of a size that can be shown', async () => {
    const image = (id: string, alt = 'A &quot;pump&quot;') => `<p>See</p><img src="/api/v1/files/${id}" alt="${alt}" onerror="x()">`;
    const write = (body: string) => ask('POST', '/api/v1/notes', { subject: 'shown', party, body });
    const good = await sent('pump.png', await picture(30, 20));
    const made = await write(image(good));
    expect(made.status).toBe(201);
    expect(made.body.body).toBe(`<p>See</p><img src="/api/v1/files/${good}" alt="A &quot;pump&quot;" />`);
    const shown = await inside.ask('GET', `/api/v1/files/${good}`, { key });
    expect([shown.status, shown.headers['content-type']]).toEqual([200, 'image/png']);
    // What is no picture, too large or not there is refused at the field.
    const faults = [
      [await sent('words.png', 'some bytes'), 'picture'],
      [await sent('large.png', Buffer.concat([await picture(30, 20), Buffer.alloc(10_000_001)])), 'tooLarge'],
      [SOMEBODY, 'reference'],
    ] as const;
    for (const [id, code] of faults) {
      const refused = (await write(image(id))) as { status: number; body: { errors?: { path: string; code: string }[] } };
      expect([refused.status, refused.body.errors?.[0]?.path, refused.body.errors?.[0]?.code]).toEqual([422, 'body', code]);
    }
    // Who may not read the note does not get its picture, nor a note of their own around it.
    const ctx = await inside.ctx();
    const userId = await inside.product.addUser(ctx, { name: 'Rep', email: 'rep@perigon.example', password: null, roles: ['salesRep'] });
    const theirs = (await createApiKey(ctx.db, { userId, name: 'test' })).secret;
    expect((await inside.ask('GET', `/api/v1/files/${good}`, { key: theirs })).status).toBe(404);
    const own = (await inside.ask('POST', '/api/v1/parties', { key: theirs, body: { name: 'Mine', owner: userId } })).body as {
      id: string;
    };
    const stolen = await inside.ask('POST', '/api/v1/notes', { key: theirs, body: { subject: 'x', party: own.id, body: image(good) } });
    expect(stolen.status).toBe(422);
    expect((await inside.ask('GET', `/api/v1/files/${good}`, { key: theirs })).status).toBe(404);
  });

  it('by import', async () => {
    const base = await inside.product.http.listen({ host: '127.0.0.1', port: 0 });
    const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const form = new FormData();
    form.append(
      'file',
      new Blob([`Subject,Party,Body\n${ATTACKS.map((text) => `imported,${party},${cell(text)}`).join('\n')}\n`]),
      'notes.csv',
    );
    const columns = { Subject: { field: 'subject' }, Party: { field: 'party.id' }, Body: { field: 'body' } };
    form.append('map', JSON.stringify({ object: 'note', columns }));
    const started = await fetch(`${base}/api/v1/imports`, { method: 'POST', body: form, headers: { authorization: `Bearer ${key}` } });
    const { id } = (await started.json()) as { id: string };
    for (let i = 0; i < 200; i++) {
      const { body } = await ask('GET', `/api/v1/imports/${id}`);
      if (body.state === 'done') break;
      await new Promise((done) => setTimeout(done, 50));
    }
    const { items } = (await ask('GET', '/api/v1/notes?subject=imported&limit=500')).body as { items: { body: unknown }[] };
    expect(items).toHaveLength(ATTACKS.length);
    for (const item of items) expectHarmless(item.body);
  });

  it('is shown in timelines, lists and tables by its words', async () => {
    await ask('POST', '/api/v1/notes', { subject: 'Worded', party, body: '<h2>Plan</h2><ul><li>call <b>Ana</b></li></ul>' });
    const timeline = (await ask('GET', `/api/v1/parties/${party}/timeline?limit=200`)).body as {
      items: { title: string; detail: string }[];
    };
    expect(timeline.items.find((item) => item.title === 'Worded')?.detail).toBe('Plan\n\ncall Ana');
    const csv = await inside.ask('GET', '/api/v1/notes/export?format=csv&fields=body&subject=Worded', { key });
    expect(csv.text).toContain('call Ana');
    expect(csv.text).not.toContain('<li>');
    const ndjson = await inside.ask('GET', '/api/v1/notes/export?format=ndjson&subject=Worded', { key });
    expect(ndjson.text).toContain('<li>call <strong>Ana</strong></li>');
  });
});

describe('a long text that becomes a rich one', () => {
  const object = (body: ReturnType<typeof f.longText>) =>
    defineObject({
      key: 'memo',
      plural: 'memos',
      icon: 'note',
      title: 'name',
      list: { columns: ['name'], sort: ['name'] },
      form: [],
      fields: { name: f.text({ required: true }), body },
    });
  const open = (url: string, body: ReturnType<typeof f.longText>): Promise<Product> =>
    openProduct({
      url,
      dataFolder: mkdtempSync(join(tmpdir(), 'perigon-rich-')),
      modules: [{ key: 'rich', objects: [object(body)] }],
      connections: 2,
    });

  it('keeps its words, as paragraphs, through reading, conditions, changes and undo of what was written before', async () => {
    const url = await freshDatabase();
    const before = await open(url, f.longText());
    await before.setUp({ company: 'T', baseCurrency: 'EUR', language: 'en', timeZone: 'UTC', admin: ADMIN });
    const memo = before.model.object('memo');
    const words = 'First <script>alert(1)</script>\nline & more\n\nnext';
    const made = await writeOne(await before.commandContext(ADMIN.email), memo, { op: 'create', values: { name: 'a', body: words } });
    const change = newCause('request');
    const ctx = await before.commandContext(ADMIN.email, change);
    await writeOne(ctx, memo, { op: 'update', id: made.id, values: { body: 'second 1 < 2' } });
    await before.stop();

    const after = await open(url, f.richText() as ReturnType<typeof f.longText>);
    try {
      const now = after.model.object('memo');
      const reading = await after.commandContext(ADMIN.email);
      const read = async (where?: unknown) =>
        recordsOf(await readPage(reading, now, { where })).map((text) => (JSON.parse(text) as { body: string }).body);
      expect(await read()).toEqual(['<p>second 1 &lt; 2</p>']);
      expect(await read({ field: 'body', op: 'contains', value: 'SECOND 1 <' })).toHaveLength(1);
      const report = await undoCause(await after.commandContext(ADMIN.email), change.id);
      expect(report).toMatchObject({ restored: 1, conflictCount: 0 });
      // What had a tag in it is read as markup now: harmless, and its words stay.
      const [back] = await read();
      expect(back).not.toContain('script');
      expect(back).toContain('line &amp; more');
      await writeOne(reading, now, { op: 'update', id: made.id, values: { body: '<p>Now <b>rich</b></p>' } });
      expect(await read({ field: 'body', op: 'contains', value: 'now rich' })).toEqual(['<p>Now <strong>rich</strong></p>']);
    } finally {
      await after.stop();
    }
  });
});
