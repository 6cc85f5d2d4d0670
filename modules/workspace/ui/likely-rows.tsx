import { Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatNumber, formatPercent } from '#ui/format.ts';
import { ButtonLink } from '#ui/links.tsx';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './import.module.css';
import type { ImportRun } from './import-run.ts';

interface Props {
  run: ImportRun;
  object: ObjectMeta;
  leaveOut: boolean;
  onLeaveOut: (leaveOut: boolean) => void;
}

/** New rows that are likely a record already there: which, how likely, and whether they are to be left out. */
export function LikelyRows({ run, object, leaveOut, onLeaveOut }: Props): ReactNode {
  const { t, plural, inSentence } = useWords();
  const likes = run.likes ?? [];
  if (likes.length === 0) return null;
  const objects = inSentence(plural(object.key));
  return (
    <div className={classes.problems}>
      <p className={classes.outcome}>
        {t('import.likely', {
          count: run.likely ?? 0,
          n: formatNumber(run.likely ?? 0, 0),
          compared: formatNumber(run.compared ?? 0, 0),
          objects,
        })}
      </p>
      <table className={classes.problemTable}>
        <thead>
          <tr>
            <th>{t('import.row')}</th>
            <th>{t('import.likelyRecord')}</th>
            <th>{t('import.howLikely')}</th>
          </tr>
        </thead>
        <tbody>
          {likes.map(({ row, likelihood, record }) => (
            <tr key={row}>
              <td className="pg-figures">{formatNumber(row, 0)}</td>
              <td>
                <a className="pg-link" href={`/o/${object.plural}/${record.id}`} target="_blank" rel="noreferrer">
                  {record.name ?? t('record.unnamed')}
                </a>
              </td>
              {/* Never 100 %: nobody knows that well. */}
              <td className="pg-figures">{formatPercent(Math.min(0.99, Math.floor(likelihood * 100) / 100))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Checkbox
        label={t('import.leaveOutLikely', { objects })}
        description={t('import.leaveOutHint')}
        checked={leaveOut}
        onChange={(event) => onLeaveOut(event.currentTarget.checked)}
        mt="sm"
      />
    </div>
  );
}

/** After an import: the way to what it may have brought in twice. */
export function ToDuplicates({ object }: { object: ObjectMeta }): ReactNode {
  const { t } = useWords();
  return (
    <ButtonLink variant="default" to="/duplicates" search={{ object: object.key }}>
      {t('import.toDuplicates')}
    </ButtonLink>
  );
}
