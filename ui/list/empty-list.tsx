import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { failureText } from '../failure.ts';
import { TextLink } from '../links.tsx';
import { useMeta } from '../meta.ts';
import { SampleLink } from '../sample/sample-link.tsx';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './list.module.css';
import { SkeletonRows } from './record-table.tsx';

interface Props {
  object: ObjectMeta;
  columns: string[];
  filtered: boolean;
  failure: unknown;
  onClear: () => void;
  onCreate: () => void;
  onRetry: () => void;
}

/** What stands where rows would: the failure, no hits, or how to begin. */
export function EmptyList({ object, columns, filtered, failure, onClear, onCreate, onRetry }: Props): ReactNode {
  const { t, object: objectWord, plural, field: fieldWord, inSentence } = useWords();
  const meta = useMeta();
  const name = objectWord(object.key);
  const keys = [object.title, ...columns].slice(0, 6);
  const template = `minmax(240px, 2fr) repeat(${Math.max(keys.length - 1, 0)}, minmax(96px, 1fr))`;
  if (failure) {
    return (
      <div className={classes.empty}>
        <div className={classes.emptyWords} role="alert">
          <div>{failureText(failure)}</div>
          <Button variant="default" onClick={onRetry}>
            {t('action.retry')}
          </Button>
        </div>
      </div>
    );
  }
  if (filtered) {
    return (
      <div className={classes.empty}>
        <div className={classes.emptyWords}>
          <div>{t('list.noHits', { objects: inSentence(plural(object.key)) })}</div>
          <Button variant="default" onClick={onClear}>
            {t('filter.clear')}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className={classes.empty}>
      <div className={classes.head} style={{ gridTemplateColumns: template }} aria-hidden>
        {keys.map((key) => (
          <div key={key} className={classes.headCell}>
            {fieldWord(object.key, key)}
          </div>
        ))}
      </div>
      <div className={classes.emptyRows}>
        <SkeletonRows template={template} columns={keys.length} rows={3} />
      </div>
      <div className={classes.emptyWords}>
        <div>{t('list.empty', { objects: inSentence(plural(object.key)) })}</div>
        {object.verbs.create && <Button onClick={onCreate}>{t('list.create', { object: inSentence(name) })}</Button>}
        {object.verbs.create && meta.may('import') && (
          <TextLink to="/import" search={{ object: object.key }} size="sm">
            {t('list.importFile')}
          </TextLink>
        )}
        {object.verbs.create && <SampleLink />}
      </div>
    </div>
  );
}
