import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, type Booted, bootProduct, setUp } from '../harness/product.ts';

/** What is too large, too deep or not what it says: refused clearly, and the server stands as it stood. */
let product: Booted;
let api: Api;
beforeAll(async () => {
  product = await bootProduct();
  api = await setUp(product);
});
afterAll(() => product.stop());

const stands = async (): Promise<void> => {
  expect(product.run.hasEnded).toBe(false);
  expect((await api.get('/api/v1/parties?limit=1')).status).toBe(200);
};

describe('questions', () => {
  it('too large', async () => {
    const answer = await api.send('POST', '/api/v1/parties', `{"name":"${'x'.repeat(33 * 1024 * 1024)}"}`, {
      'content-type': 'application/json',
    });
    expect(answer.status).toBe(413);
    for (const [url, body] of [
      ['/api/v1/parties', { name: 'x'.repeat(5_000_000) }],
      ['/api/v1/parties', { name: 'x', emails: Array.from({ length: 50_000 }, (_, n) => `a${n}@example.org`) }],
      ['/api/v1/parties/batch', { operations: Array.from({ length: 20_000 }, () => ({ op: 'create', values: { name: 'x' } })) }],
      ['/api/v1/parties/query', { fields: Array.from({ length: 100_000 }, () => 'name') }],
      ['/api/v1/parties/query', { where: { field: 'name', op: 'in', value: Array.from({ length: 500_000 }, (_, n) => `n${n}`) } }],
      ['/api/v1/parties/query', { sort: Array.from({ length: 10_000 }, () => 'name') }],
      ['/api/v1/parties/query', { limit: 1e12 }],
      ['/api/v1/parties/aggregate', { groupBy: Array.from({ length: 5_000 }, () => 'city'), measures: { n: { op: 'count' } } }],
      ['/api/v1/parties/aggregate', { measures: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`m${n}`, { op: 'count' }])) }],
    ] as const) {
      const told = await api.post<{ code: string }>(url, body);
      expect(told.status, `${url} ${told.text.slice(0, 200)}`).toBeGreaterThanOrEqual(400);
      expect(told.status, `${url} ${told.text.slice(0, 200)}`).toBeLessThan(500);
    }
    await stands();
  });

  it('too deep', async () => {
    const json = (text: string) => api.send('POST', '/api/v1/parties/query', text, { 'content-type': 'application/json' });
    for (const text of [
      '['.repeat(200_000),
      `${'{"where":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      `{"where":${'{"all":['.repeat(50_000)}${']}'.repeat(50_000)}}`,
      `{"where":${'{"none":['.repeat(2_000)}{"field":"name","op":"eq","value":"x"}${']}'.repeat(2_000)}}`,
      `{"where":{"field":"${'party.'.repeat(10_000)}name","op":"eq","value":"x"}}`,
    ]) {
      const answer = await json(text);
      expect(answer.status, `${text.slice(0, 40)} ${answer.text.slice(0, 200)}`).toBeGreaterThanOrEqual(400);
      expect(answer.status, `${text.slice(0, 40)} ${answer.text.slice(0, 200)}`).toBeLessThan(500);
    }
    const formula = await api.post('/api/v1/catalogue/objects/party/formula', {
      expression: `${'('.repeat(20_000)}1${')'.repeat(20_000)}`,
    });
    expect(formula.status).toBeLessThan(500);
    await stands();
  });

  it('not what they say', async () => {
    for (const [type, body] of [
      ['application/json', '{"name":'],
      ['application/json', Buffer.from([0xff, 0xfe, 0x00]).toString('latin1')],
      ['text/plain', '{"name":"x"}'],
      ['application/xml', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
      ['application/x-www-form-urlencoded', 'name=x'],
    ] as const) {
      const answer = await api.send('POST', '/api/v1/parties', body, { 'content-type': type });
      expect(answer.status, `${type} ${answer.text}`).toBeGreaterThanOrEqual(400);
      expect(answer.status, `${type} ${answer.text}`).toBeLessThan(500);
      expect(answer.text).not.toContain('root:');
    }
    await stands();
  });
});

describe('workbooks', () => {
  const types = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>`;
  const rels = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`;
  const book = `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="s"/></sheets></workbook>`;
  const bookRels = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`;
  const workbook = (sheet: Uint8Array): Uint8Array =>
    zipSync({
      '[Content_Types].xml': strToU8(types),
      '_rels/.rels': strToU8(rels),
      'xl/workbook.xml': strToU8(book),
      'xl/_rels/workbook.xml.rels': strToU8(bookRels),
      'xl/worksheets/sheet1.xml': sheet,
    });
  const sheet = (rows: string, head = '<?xml version="1.0"?>') =>
    strToU8(
      `${head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows}</sheetData></worksheet>`,
    );
  const inspect = (bytes: Uint8Array) => {
    const form = new FormData();
    form.append('object', 'party');
    form.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), 'book.xlsx');
    return api.send('POST', '/api/v1/imports/inspect', form);
  };

  it('that unpack to gigabytes, or whose words multiply, are refused before they are read', async () => {
    const good = await inspect(workbook(sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>')));
    expect(good.status, good.text).toBeLessThan(300);
    // 600 MB of spaces in 600 kB.
    const bomb = workbook(new Uint8Array(600 * 1024 * 1024).fill(32));
    expect(bomb.length).toBeLessThan(2 * 1024 * 1024);
    const unpacked = await inspect(bomb);
    expect(unpacked.status, unpacked.text).toBeGreaterThanOrEqual(400);
    expect(unpacked.status, unpacked.text).toBeLessThan(500);
    const lines = Array.from({ length: 30 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
    const laughs = await inspect(
      workbook(
        sheet(
          '<row r="1"><c r="A1" t="inlineStr"><is><t>&l30;</t></is></c></row>',
          `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">${lines}]>`,
        ),
      ),
    );
    expect(laughs.status, laughs.text).toBeLessThan(500);
    expect(laughs.text.length).toBeLessThan(100_000);
    const outside = await inspect(
      workbook(
        sheet(
          '<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row>',
          '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        ),
      ),
    );
    expect(outside.text).not.toContain('root:');
    for (const broken of [new Uint8Array(0), strToU8('PK\u0003\u0004 no zip'), zipSync({ '../../evil.xml': strToU8('x') })]) {
      const told = await inspect(broken);
      expect(told.status, told.text).toBeGreaterThanOrEqual(400);
      expect(told.status, told.text).toBeLessThan(500);
    }
    await stands();
  }, 240_000);
});

describe('files', () => {
  it('that a browser would run come as something to keep, never as a page of this site', async () => {
    for (const [name, content] of [
      ['page.html', '<script>alert(1)</script>'],
      ['picture.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
      ['script.js', 'alert(1)'],
      ['picture.png', '<html><script>alert(1)</script></html>'],
      ['../../../evil.txt', 'x'],
      ['a\r\nset-cookie: x=1.txt', 'x'],
      [`${'n'.repeat(5_000)}.txt`, 'x'],
    ] as const) {
      const form = new FormData();
      form.append('file', new Blob([content]), name);
      const up = await api.send<{ url?: string; name?: string }>('POST', '/api/v1/files', form);
      expect(up.status, `${name} ${up.text}`).toBeLessThan(500);
      if (up.status >= 300) continue;
      expect(up.body.name ?? '').not.toMatch(/[\\/\r\n]/);
      const down = await api.get(up.body.url ?? '');
      expect(down.headers.get('x-content-type-options')).toBe('nosniff');
      expect(down.headers.get('content-disposition') ?? '', name).toMatch(/^attachment/);
      expect(down.headers.get('set-cookie') ?? '').not.toContain('x=1');
      expect(down.headers.get('content-security-policy') ?? '').toMatch(/^sandbox; default-src 'none'/);
    }
    await stands();
  });
});
