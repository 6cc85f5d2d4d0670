import { address, readAnswer } from '#ui/api.ts';
import type { Drawing, Over, Question } from './insight.ts';

/** Fetches a report as a file and hands it to the browser to keep. */

interface Asked {
  question: Question;
  drawing: Drawing;
  name: string;
  language: string;
}

async function fetched(path: string, body: object, name: string): Promise<void> {
  const response = await fetch(address(path), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    credentials: 'same-origin',
  });
  if (!response.ok) await readAnswer(response);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

export const downloadCsv = (asked: Asked): Promise<void> => fetched('/insight/csv', asked, `${asked.name || 'report'}.csv`);

/** Reports below each other, as pages. */
export const downloadPdf = (asked: {
  name: string;
  language: string;
  over?: Over;
  reports: { name: string; question: Question; drawing: Drawing }[];
}): Promise<void> => fetched('/insight/pdf', asked, `${asked.name}.pdf`);
