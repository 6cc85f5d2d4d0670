import { address, readAnswer } from '#ui/api.ts';
import type { Drawing, Question } from './insight.ts';

/** Fetches a report as a CSV file and hands it to the browser to keep. */
export async function download(asked: { question: Question; drawing: Drawing; name: string; language: string }): Promise<void> {
  const response = await fetch(address('/insight/csv'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked),
    credentials: 'same-origin',
  });
  if (!response.ok) await readAnswer(response);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = `${asked.name || 'report'}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
