import { ApiError, address, offline, readAnswer } from '../../api.ts';
import { isObject } from '../../wire.ts';

/** A file as the server describes it. */
export interface FileValue {
  id: string;
  name: string;
  type: string;
  size: number;
  url: string;
  width?: number;
  height?: number;
  thumbnail?: string;
}

/** Reads one file off the wire. */
export function readFile(wire: unknown): FileValue | null {
  if (!isObject(wire) || typeof wire.id !== 'string' || typeof wire.name !== 'string') return null;
  const value: FileValue = {
    id: wire.id,
    name: wire.name,
    type: String(wire.type ?? ''),
    size: Number(wire.size ?? 0),
    url: String(wire.url ?? ''),
  };
  if (typeof wire.thumbnail === 'string') value.thumbnail = wire.thumbnail;
  if (typeof wire.width === 'number') value.width = wire.width;
  if (typeof wire.height === 'number') value.height = wire.height;
  return value;
}

/** Sends a file as its body; says how far it is, which `fetch` cannot. */
export function sendFile(file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<FileValue> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address('/files', { name: file.name || 'file' }));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('accept', 'application/json');
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(offline());
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    request.onload = () => {
      const headers = { 'content-type': request.getResponseHeader('content-type') ?? '' };
      readAnswer<unknown>(new Response(request.responseText, { status: request.status, headers }))
        .then((answer) => {
          const value = readFile(answer);
          if (value) resolve(value);
          else reject(new ApiError(request.status, 'bug', file.name));
        })
        .catch(reject);
    };
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

/** Whether a file fits what a field takes, as far as the browser knows; the server looks into it. */
export function fits(file: File, accept: readonly string[] | undefined): boolean {
  if (!accept || accept.length === 0 || file.type === '') return true;
  return accept.some((one) => one === file.type || (one.endsWith('/*') && file.type.startsWith(one.slice(0, -1))));
}
