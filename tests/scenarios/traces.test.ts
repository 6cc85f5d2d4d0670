import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readTraceSettings } from '#apps/server/traces.ts';
import { bootProduct, setUp } from '#tests/harness/product.ts';

/** A receiver as OTLP over HTTP describes one; what it was sent, span by span. */
interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: string } }[];
  status: { code: number };
}
const of = (span: Span, key: string) => {
  const value = span.attributes.find((one) => one.key === key)?.value;
  return value?.stringValue ?? value?.intValue;
};

test('requests, jobs and their statements reach a collector, under the trace of whoever asked', async () => {
  const spans: Span[] = [];
  const resources = new Set<string>();
  let headers: IncomingHttpHeaders = {};
  let refusals = 1;
  const collector = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      expect(request.url).toBe('/v1/traces');
      headers = request.headers;
      // Once it is away; what it did not take comes again.
      if (refusals-- > 0) return response.writeHead(503).end();
      const { resourceSpans } = JSON.parse(text) as {
        resourceSpans: { resource: { attributes: Span['attributes'] }; scopeSpans: { spans: Span[] }[] }[];
      };
      for (const { resource, scopeSpans } of resourceSpans) {
        for (const { key, value } of resource.attributes) resources.add(`${key}=${value.stringValue}`);
        for (const scope of scopeSpans) spans.push(...scope.spans);
      }
      return response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  try {
    const product = await bootProduct({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=acme%20ltd',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
      },
    });
    const admin = await setUp(product);
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    await admin.get('/api/v1/parties?limit=1', { traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'x-request-id': 'traced-request' });
    await admin.get('/api/v1/parties?limit=1', { traceparent: '00-11111111111111111111111111111111-00f067aa0ba902b7-00' });
    await admin.post('/api/v1/backups', {});
    await expect.poll(() => spans.some(({ name }) => name === 'job backup'), { timeout: 40_000 }).toBe(true);
    await product.stop();

    const asked = spans.find((span) => span.traceId === trace && span.kind === 2);
    expect(asked).toMatchObject({ name: 'GET /api/v1/:plural', parentSpanId: '00f067aa0ba902b7', status: { code: 0 } });
    if (!asked) throw new Error('no span');
    expect([of(asked, 'http.route'), of(asked, 'http.response.status_code'), of(asked, 'perigon.request.id')]).toEqual([
      '/api/v1/:plural',
      '200',
      'traced-request',
    ]);
    const statements = spans.filter((span) => span.parentSpanId === asked.spanId);
    expect(statements.some((span) => of(span, 'db.query.text')?.includes('from parties'))).toBe(true);
    for (const span of statements) {
      expect(span).toMatchObject({ traceId: trace, kind: 3 });
      expect(BigInt(span.startTimeUnixNano)).toBeLessThanOrEqual(BigInt(span.endTimeUnixNano));
      expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
    }
    const job = spans.find(({ name }) => name === 'job backup');
    expect(spans.some((span) => span.parentSpanId === job?.spanId && span.traceId === job?.traceId)).toBe(true);
    // Whoever asked may say that it is not to be followed; health is never.
    expect(spans.some((span) => span.traceId.startsWith('1111'))).toBe(false);
    expect(spans.some(({ name }) => /readyz|metrics/.test(name))).toBe(false);
    expect([...resources]).toEqual(expect.arrayContaining(['service.name=perigon', 'deployment.environment=test', 'perigon.role=all']));
    expect(headers['x-tenant']).toBe('acme ltd');
    expect(product.run.output.match(/traces could not be sent/g)).toHaveLength(1);
  } finally {
    collector.close();
  }
});

test('the variables of OpenTelemetry are read as everywhere', () => {
  const read = (from: Record<string, string>) => readTraceSettings(from, '1', 'all');
  expect(read({})).toBeNull();
  expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' })?.url).toBe('http://c:4318/v1/traces');
  expect(read({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/own' })?.url).toBe('http://c:4318/own');
  expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_SDK_DISABLED: 'true' })).toBeNull();
  expect(() => read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' })).toThrow(/such as http/);
  expect(() => read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_TRACES_SAMPLER_ARG: '7' })).toThrow(/share/);
});
