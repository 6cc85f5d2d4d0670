import { queryOptions } from '@tanstack/react-query';
import type { ImportMode, Mapping } from '#engine/declare/import-mapping.ts';
import { get, offline, readAnswer, request } from '#ui/api.ts';
import type { JobState } from '#ui/wire.ts';

/** What the server found in a file. */
export interface Inspection {
  file: string;
  name: string;
  size: number;
  format: 'csv' | 'xlsx';
  encoding: string | null;
  delimiter: string | null;
  sheets?: string[];
  columns: { name: string; type: string; samples: string[] }[];
  rows: number;
  sample: string[][];
  suggest: { object: string; preset: string | null; map: Mapping } | null;
}

export interface RowProblem {
  row: number;
  column: string | null;
  detail: string;
}

/** An import under way or over. */
export interface ImportRun {
  id: string;
  state: JobState;
  done: number;
  total: number | null;
  created: number;
  updated: number;
  skipped: number;
  failed: number;
  cause: string | null;
  errors: string | null;
  problems: RowProblem[];
  object?: string;
  preset?: string | null;
  dryRun?: boolean;
  job?: string;
  problemRows?: number;
  name?: string | null;
  label?: string | null;
  createdAt?: string;
  error?: string | null;
  actor?: { id: string; name: string } | null;
  /** New rows that were compared with the records there, how many are likely one of them, and the first of these. */
  compared?: number;
  likely?: number;
  likes?: LikelyRow[];
  /** New rows by which somebody would be known again who was erased, and the first of these. */
  erased?: number;
  erasedRows?: number[];
}

/** A row that is likely a record already there. */
export interface LikelyRow {
  row: number;
  likelihood: number;
  record: { id: string; name: string | null };
}

export function isOver(run: Pick<ImportRun, 'state'>): boolean {
  return run.state !== 'queued' && run.state !== 'running';
}

/** One import, asked for until it is over. */
export function importQuery(id: string) {
  return queryOptions({
    queryKey: ['import', id],
    queryFn: ({ signal }) => get<ImportRun>(`/imports/${id}`, {}, signal),
    refetchInterval: (query) => (query.state.data && isOver(query.state.data) ? false : 700),
  });
}

export interface StartImport {
  file: string;
  object: string;
  preset: string | null;
  map: Mapping | null;
  /** Of a workbook with several. */
  sheet: string | null;
  /** Null leaves it to the preset. */
  mode: ImportMode | null;
  dryRun: boolean;
  /** Rows that are likely a record already there are left out. */
  leaveOutLikely: boolean;
}

/** Starts an import, or with `dryRun` the check of one; the answer is its id. */
export async function startImport(start: StartImport): Promise<string> {
  const form = new FormData();
  form.set('fileToken', start.file);
  if (start.preset) form.set('preset', start.preset);
  else {
    form.set('object', start.object);
    if (start.map) form.set('map', JSON.stringify(start.map));
  }
  if (start.sheet) form.set('sheet', start.sheet);
  if (start.mode) form.set('mode', start.mode);
  if (start.dryRun) form.set('dryRun', 'true');
  if (start.leaveOutLikely) form.set('leaveOutLikely', 'true');
  return (await request<{ id: string }>('POST', '/imports', { body: form })).data.id;
}

/** Sends a file and hears what is in it. */
export function inspectFile(
  file: File,
  sheet: string | null,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Inspection> {
  // fetch does not tell how much of a body has gone; a large file over a slow line needs that.
  return new Promise((resolve, reject) => {
    const form = new FormData();
    if (sheet !== null) form.set('sheet', sheet);
    form.set('file', file);
    const sending = new XMLHttpRequest();
    sending.open('POST', '/api/v1/imports/inspect');
    sending.setRequestHeader('accept', 'application/json');
    sending.upload.addEventListener('progress', (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    sending.addEventListener('load', () => {
      const answer = new Response(sending.responseText || null, { status: sending.status === 204 ? 200 : sending.status });
      resolve(readAnswer<Inspection>(answer));
    });
    sending.addEventListener('error', () => reject(offline()));
    sending.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
    signal.addEventListener('abort', () => sending.abort());
    sending.send(form);
  });
}
