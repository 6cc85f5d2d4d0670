import { ApiError, address, get } from '../api.ts';
import { isObject } from '../wire.ts';
import type { LiveMessage } from './wire.ts';

const events = ['message', 'hello', 'reset', 'beat', 'job', 'notice', 'presence', 'catalogue'];
/** The server beats every 20 s; a stream that is silent for longer is dead, as after sleep. */
const silence = 50_000;

/**
 * The one live stream of a browser. Its tabs choose a leader by a lock that dies with its holder; the leader holds the
 * stream and hands every message on; the next leader goes on behind the last message that any tab heard. Where there are
 * no locks (plain HTTP on another machine) each tab has a stream while it is in sight. Gives the way to close it.
 */
export function openStream(user: string, take: (message: LiveMessage) => void): () => void {
  const name = `perigon-live-${user}`;
  const closed = new AbortController();
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
  let source: EventSource | null = null;
  let leads = false;
  let last = '';
  let heard = Date.now();
  let later: ReturnType<typeof setTimeout> | undefined;

  const pass = (message: LiveMessage): void => {
    heard = Date.now();
    if (message.id !== '') last = message.id;
    take(message);
  };

  const disconnect = (): void => {
    clearTimeout(later);
    source?.close();
    source = null;
  };

  const connect = (): void => {
    disconnect();
    heard = Date.now();
    const opened = new EventSource(address('/events', { after: last }));
    source = opened;
    for (const event of events) {
      opened.addEventListener(event, (raw) => {
        if (source !== opened || !(raw instanceof MessageEvent)) return;
        const message = { event, id: raw.lastEventId, data: JSON.parse(String(raw.data)) as unknown };
        channel?.postMessage(message);
        pass(message);
      });
    }
    opened.onerror = () => {
      // The browser comes back by itself from a broken line; a refusal is final for it.
      if (source === opened && opened.readyState === EventSource.CLOSED) void refused();
    };
  };

  /** The server said no. The end of a session is told to the app by the very question; anything else passes. */
  const refused = async (): Promise<void> => {
    disconnect();
    try {
      await get('/session');
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 401) {
        if (!closed.signal.aborted) channel?.postMessage('signed out');
        return;
      }
    }
    if (!closed.signal.aborted) later = setTimeout(connect, 3000 + Math.random() * 4000);
  };

  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data === 'signed out') void get('/session').catch(() => {});
      else if (!leads && isObject(data)) pass(data as unknown as LiveMessage);
    };
  }

  const lead = (): void => {
    leads = true;
    connect();
  };
  const visible = (): boolean => document.visibilityState === 'visible';
  if (navigator.locks && channel) {
    navigator.locks
      .request(name, { signal: closed.signal }, () => {
        if (closed.signal.aborted) return;
        lead();
        return new Promise<void>((release) => closed.signal.addEventListener('abort', () => release()));
      })
      .catch(() => {});
  } else if (visible()) {
    lead();
  }

  const look = (): void => {
    const shared = navigator.locks && channel;
    if (!shared && !visible()) disconnect();
    else if (!shared && !source) lead();
    else if (leads && source && (source.readyState !== EventSource.OPEN || Date.now() - heard > silence / 2)) connect();
  };
  const watch = setInterval(() => {
    if (leads && source && Date.now() - heard > silence) connect();
  }, 10_000);
  document.addEventListener('visibilitychange', look);
  window.addEventListener('online', look);

  return () => {
    closed.abort();
    clearInterval(watch);
    document.removeEventListener('visibilitychange', look);
    window.removeEventListener('online', look);
    disconnect();
    channel?.close();
  };
}
