import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatNumber } from '#ui/format.ts';
import { useWords } from '#ui/words.ts';
import classes from './retention.module.css';
import type { RetentionPreview, RetentionRule } from './retention.ts';

/** What a rule would do tonight: how many, what a legal hold keeps, the first ones by name. */
export function Preview({ rule }: { rule: Pick<RetentionRule, 'act' | 'object' | 'condition'> }): ReactNode {
  const { t } = useWords();
  const { data, error } = useQuery({
    queryKey: ['retention', 'preview', rule.act, rule.object, rule.condition],
    queryFn: () => post<RetentionPreview>('/retention/preview', { act: rule.act, object: rule.object, where: rule.condition }),
    gcTime: 0,
    retry: false,
  });
  if (error) return <p role="alert">{failureText(error)}</p>;
  if (!data) return null;
  return (
    <div className={classes.preview} role="status">
      <p>{t('retention.would', { count: data.count, n: formatNumber(data.count, 0) })}</p>
      {data.held > 0 && <p className="pg-secondary">{t('retention.held', { count: data.held, n: formatNumber(data.held, 0) })}</p>}
      {data.first.length > 0 && (
        <>
          <p className="pg-secondary">{t('retention.first')}</p>
          <ul>
            {data.first.map(({ id, name }) => (
              <li key={id}>{name ?? t('retention.unnamed')}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
