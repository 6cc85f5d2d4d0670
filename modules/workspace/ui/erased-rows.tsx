import { Alert } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatNumber } from '#ui/format.ts';
import { useWords } from '#ui/words.ts';
import type { ImportRun } from './import-run.ts';

/** New rows that bring back somebody who was erased: whoever imports decides whether that is right. */
export function ErasedRows({ run }: { run: ImportRun }): ReactNode {
  const { t } = useWords();
  const count = run.erased ?? 0;
  if (count === 0) return null;
  const rows = new Intl.ListFormat(document.documentElement.lang || 'en').format((run.erasedRows ?? []).map((row) => formatNumber(row, 0)));
  return (
    <Alert color="warning" variant="light" title={t('import.erased', { count, n: formatNumber(count, 0) })} my="md">
      {t('import.erasedRows', { rows })}
    </Alert>
  );
}
