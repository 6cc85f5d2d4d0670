import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { titleText } from '../list/record-title.tsx';
import { recordPath } from '../meta.ts';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './duplicates.module.css';
import { likeQuery, reasonText } from './duplicates.ts';

/**
 * Says while a record is being typed which ones it may be; each opens in a tab of its own, so that the draft stays. Asked
 * once the typing rests; what fails is not said, since nothing hangs on it.
 */
export function LikeLine({ object, values }: { object: ObjectMeta; values: Record<string, unknown> }): ReactNode {
  const { t, inSentence } = useWords();
  // One text for one set of values: a new object with each stroke would never come to rest.
  const [rested] = useDebouncedValue(JSON.stringify(values), 300);
  const asked: Record<string, unknown> = JSON.parse(rested);
  const { data = [] } = useQuery({ ...likeQuery(object, asked), placeholderData: (held) => held, retry: false });
  return (
    <div role="status" className={classes.like}>
      {data.length > 0 && (
        <>
          <span>{t('duplicate.maybe')}</span>
          <ul>
            {data.map(({ record, reasons }) => {
              const why = reasonText(object, reasons).split(' · ').filter(Boolean).map(inSentence).join(', ');
              return (
                <li key={record.id}>
                  <a className="pg-link" href={recordPath(object, record.id)} target="_blank" rel="noreferrer">
                    {titleText(object, record) || t('record.unnamed')}
                  </a>
                  {why && <span className="pg-secondary"> · {why}</span>}
                </li>
              );
            })}
          </ul>
        </>
      )}
    </div>
  );
}
