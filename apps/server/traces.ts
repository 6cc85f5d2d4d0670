import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentOrigin, type Origin, type SentQuery, type Watcher } from '#engine/store/origin.ts';
import { StartRefusal } from '#engine/store/start-refusal.ts';
import { sqlOf } from './log-safe.ts';

/**
 * Traces by OTLP over HTTP with JSON (opentelemetry-proto 1.x), told of by the variables of OpenTelemetry. The protocol is one POST; the
 * packages that make it weigh 32 MB for everybody, so it is made here (decision 0036), in a file that is loaded only when an
 * endpoint is set.
 */
export interface Traces extends Watcher {
  /** Sends what is there, for as long as it may take. */
  stop(withinMs: number): Promise<void>;
}

export interface TraceSettings {
  url: string;
  headers: Record<string, string>;
  resource: Record<string, string>;
  /** The share of requests and jobs that are traced, where nobody decided it before us. */
  ratio: number;
}

/** What the variables of OpenTelemetry say; null where traces are not asked for. */
export function readTraceSettings(from: NodeJS.ProcessEnv, version: string, role: string): TraceSettings | null {
  const said = (name: string) => from[name]?.trim() || undefined;
  const base = said('OTEL_EXPORTER_OTLP_ENDPOINT');
  const typed = said('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? (base && `${base.replace(/\/+$/, '')}/v1/traces`);
  if (!typed || said('OTEL_SDK_DISABLED') === 'true' || said('OTEL_TRACES_EXPORTER') === 'none') return null;
  if (!URL.canParse(typed) || !/^https?:/.test(typed))
    throw new StartRefusal('OTEL_EXPORTER_OTLP_ENDPOINT is not an address such as http://127.0.0.1:4318.');
  const ratio = Number(said('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  if (!(ratio >= 0 && ratio <= 1)) throw new StartRefusal('OTEL_TRACES_SAMPLER_ARG is a share from 0 to 1, such as 0.1.');
  return {
    url: typed,
    headers: pairs(said('OTEL_EXPORTER_OTLP_TRACES_HEADERS') ?? said('OTEL_EXPORTER_OTLP_HEADERS')),
    resource: {
      'service.name': said('OTEL_SERVICE_NAME') ?? 'perigon',
      'service.version': version,
      'service.instance.id': `${hostname()}-${process.pid}`,
      'perigon.role': role,
      ...pairs(said('OTEL_RESOURCE_ATTRIBUTES')),
    },
    ratio,
  };
}

/** `a=1,b=2%20c`, as the variables write it. */
function pairs(text: string | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of text?.split(',') ?? []) {
    const at = part.indexOf('=');
    if (at > 0) found[part.slice(0, at).trim()] = decodeURIComponent(part.slice(at + 1).trim());
  }
  return found;
}

/** What is not there is not told. */
type Attributes = Record<string, string | number | undefined>;

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  /** 1 internal, 2 server, 3 client. */
  kind: 1 | 2 | 3;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: object[];
  status: { code: 0 | 2 };
}

interface Open {
  traceId: string;
  spanId: string;
  parent: string | undefined;
  began: number;
}

const SEND_EVERY_MS = 5000;
const SEND_FROM = 512;
/** Beyond these nothing more is kept: a collector that is away costs memory, never requests. */
const KEPT = 8192;
const SEND_WITHIN_MS = 10_000;

/** Follows requests, jobs and their statements, and sends them in stacks beside the traffic. */
export function openTraces(settings: TraceSettings, fault: (message: string, error?: unknown) => void): Traces {
  const open = new WeakMap<Origin, Open>();
  let waiting: Span[] = [];
  let sending: Promise<void> | null = null;
  let away = false;

  const send = async (): Promise<void> => {
    const stack = waiting;
    waiting = [];
    if (stack.length === 0) return;
    try {
      const answer = await fetch(settings.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...settings.headers },
        body: JSON.stringify({
          resourceSpans: [
            { resource: { attributes: attributes(settings.resource) }, scopeSpans: [{ scope: { name: 'perigon' }, spans: stack }] },
          ],
        }),
        signal: AbortSignal.timeout(SEND_WITHIN_MS),
      });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`it answered ${answer.status}`);
      away = false;
    } catch (error) {
      waiting = [...stack, ...waiting].slice(0, KEPT);
      // Once for each time that it goes away.
      if (!away) fault('traces could not be sent and wait', error);
      away = true;
    }
  };
  const sendSoon = (): void => {
    sending ??= send().finally(() => {
      sending = null;
    });
  };
  const timer = setInterval(sendSoon, SEND_EVERY_MS);
  timer.unref();
  const keep = (span: Span): void => {
    if (waiting.length >= KEPT) return;
    waiting.push(span);
    if (waiting.length >= SEND_FROM && !away) sendSoon();
  };

  return {
    began(origin) {
      if (origin.kind === 'request' && !/ \/(api|mcp)\b/.test(origin.name)) return;
      const given = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(origin.parent ?? '');
      const wanted = given ? (Number.parseInt(given[3] ?? '0', 16) & 1) === 1 : Math.random() < settings.ratio;
      if (wanted) open.set(origin, { traceId: given?.[1] ?? hex(16), spanId: hex(8), parent: given?.[2], began: performance.now() });
    },
    ended(origin, { status, failed }) {
      const span = open.get(origin);
      if (!span) return;
      open.delete(origin);
      const [method, route] = origin.name.split(' ');
      const about: Attributes =
        origin.kind === 'request'
          ? {
              'http.request.method': method,
              'http.route': route,
              'http.response.status_code': Number(status),
              'perigon.request.id': origin.id ?? undefined,
            }
          : { 'perigon.job.kind': origin.name, 'perigon.job.id': origin.id ?? undefined, 'perigon.job.state': status };
      keep({
        traceId: span.traceId,
        spanId: span.spanId,
        ...(span.parent ? { parentSpanId: span.parent } : {}),
        name: origin.kind === 'request' ? origin.name : `job ${origin.name}`,
        kind: origin.kind === 'request' ? 2 : 1,
        startTimeUnixNano: nano(span.began),
        endTimeUnixNano: nano(performance.now()),
        attributes: attributes({ ...about, 'user.id': origin.user ?? undefined }),
        status: { code: failed ? 2 : 0 },
      });
    },
    query(sent) {
      const origin = currentOrigin();
      const parent = origin && open.get(origin);
      if (parent) keep(ofQuery(sent, parent));
    },
    async stop(withinMs) {
      clearInterval(timer);
      await Promise.race([(sending ?? Promise.resolve()).then(send), sleep(withinMs, undefined, { ref: false })]);
    },
  };
}

function ofQuery({ text, ms, rows, pool }: SentQuery, parent: Open): Span {
  const ended = performance.now();
  const sql = sqlOf(text);
  return {
    traceId: parent.traceId,
    spanId: hex(8),
    parentSpanId: parent.spanId,
    name: /^\w+/.exec(sql)?.[0]?.toUpperCase() ?? 'SQL',
    kind: 3,
    startTimeUnixNano: nano(ended - ms),
    endTimeUnixNano: nano(ended),
    attributes: attributes({
      'db.system.name': 'postgresql',
      'db.query.text': sql,
      'db.response.returned_rows': rows ?? undefined,
      'perigon.pool': pool,
    }),
    status: { code: rows === null ? 2 : 0 },
  };
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
/** A moment of this process's clock in nanoseconds since 1970; they do not fit into a number. */
const nano = (at: number): string => `${Math.round((performance.timeOrigin + at) * 1000)}000`;
const attributes = (of: Attributes): object[] =>
  Object.entries(of).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }],
  );
