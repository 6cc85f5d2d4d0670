import { Button, Group, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { failureText } from '../failure.ts';
import { formatNumber } from '../format.ts';
import { undoCause } from '../jobs/jobs.ts';
import { useMeta } from '../meta.ts';
import { showDone, showFailure } from '../notify.tsx';
import { queryClient } from '../query-client.ts';
import type { UndoReport } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './audit.module.css';

interface Props {
  cause: string;
  title: string;
  /** On the button that does it, and said when it is done. */
  act: string;
  done: string;
  onClose: () => void;
}

/** What stays, field by field: as many as tell whether that matters. */
const SHOWN = 6;

/** Asks before an act is taken back: what would come of it, and what stays because somebody changed it since. */
export function UndoDialog({ cause, title, act, done, onClose }: Props): ReactNode {
  const { t } = useWords();
  const [busy, setBusy] = useState(false);
  const preview = useQuery({ queryKey: ['causes', cause, 'undo'], queryFn: () => undoCause(cause, true), gcTime: 0, staleTime: 0 });
  const report = preview.data;
  const nothing = report ? report.removed + report.restored + report.revived === 0 : false;
  const undo = async (): Promise<void> => {
    setBusy(true);
    try {
      await undoCause(cause);
      await queryClient.invalidateQueries({ predicate: (one) => !['session', 'meta', 'views'].includes(String(one.queryKey[0])) });
      onClose();
      showDone(done);
    } catch (failure) {
      setBusy(false);
      showFailure(failure);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} size={480} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {preview.isPending && <p className="pg-secondary">{t('undo.looking')}</p>}
      {preview.isError && <p role="alert">{failureText(preview.error)}</p>}
      {nothing && <p>{t('undo.nothing')}</p>}
      {report && (
        <ul className={classes.outcome}>
          {report.removed > 0 && <li>{t('undo.removes', { count: report.removed, n: formatNumber(report.removed, 0) })}</li>}
          {report.restored > 0 && <li>{t('undo.restores', { count: report.restored, n: formatNumber(report.restored, 0) })}</li>}
          {report.revived > 0 && <li>{t('undo.revives', { count: report.revived, n: formatNumber(report.revived, 0) })}</li>}
          {report.conflictCount > 0 && <Kept report={report} />}
        </ul>
      )}
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button color="danger" disabled={busy || !report || nothing} onClick={() => void undo()}>
          {act}
        </Button>
      </Group>
    </Modal>
  );
}

/** What was changed since and stays, by field. */
function Kept({ report }: { report: UndoReport }): ReactNode {
  const { t, field: fieldWord, object: objectWord } = useWords();
  const meta = useMeta();
  const fields = new Map<string, number>();
  for (const { object, field } of report.conflicts) {
    const known = meta.object(object);
    const word = known && field ? `${objectWord(object)}: ${fieldWord(object, field)}` : objectWord(object);
    fields.set(word, (fields.get(word) ?? 0) + 1);
  }
  return (
    <li>
      {t('undo.keeps', { count: report.conflictCount, n: formatNumber(report.conflictCount, 0) })}
      <ul className={classes.kept}>
        {[...fields].slice(0, SHOWN).map(([word, n]) => (
          <li key={word} className="pg-secondary">
            {n > 1 ? `${word} (${formatNumber(n, 0)})` : word}
          </li>
        ))}
      </ul>
    </li>
  );
}
