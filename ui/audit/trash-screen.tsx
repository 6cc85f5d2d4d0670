import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { failureText } from '../failure.ts';
import { formatDateTime, formatRelative } from '../format.ts';
import { iconLook, iconOf } from '../icons.ts';
import { useMeta } from '../meta.ts';
import { showDone, showFailure, showFailureText } from '../notify.tsx';
import { PageHeader } from '../page-header.tsx';
import { queryClient } from '../query-client.ts';
import { useDelayed } from '../use-delayed.ts';
import { useWords } from '../words.ts';
import classes from './audit.module.css';
import { restore, type Trashed, trashQuery } from './audit.ts';
import { UndoDialog } from './undo-dialog.tsx';

/** Deleted records, latest first, each with the way back. */
export function TrashScreen({ object, onObject }: { object?: string; onObject: (object?: string) => void }): ReactNode {
  const { t, plural } = useWords();
  const meta = useMeta();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const [separating, setSeparating] = useState<Trashed | null>(null);
  const query = useInfiniteQuery(trashQuery({ object, q: q || undefined }));
  const late = useDelayed(query.isPending);
  const found = query.data?.pages.flatMap((page) => page.items) ?? [];
  const bringBack = async (one: Trashed): Promise<void> => {
    try {
      await restore(one);
      await queryClient.invalidateQueries({ predicate: (held) => !['session', 'meta', 'views'].includes(String(held.queryKey[0])) });
      showDone(t('trash.restored', { name: one.name ?? t('record.unnamed') }));
    } catch (failure) {
      if (failure instanceof Error && failure.constructor === Error) showFailureText(failure.message || t('failure.unexpected'));
      else showFailure(failure);
    }
  };
  return (
    <div className={classes.screen}>
      <PageHeader title={t('trash.title')} />
      <div className={classes.toolbar}>
        <TextInput
          size="xs"
          aria-label={t('trash.find')}
          placeholder={t('trash.find')}
          leftSection={<IconSearch {...iconLook} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <NativeSelect
          size="xs"
          aria-label={t('audit.object')}
          value={object ?? ''}
          onChange={(event) => onObject(event.currentTarget.value || undefined)}
          data={[
            { value: '', label: t('audit.anyObject') },
            ...meta.objects.filter((one) => one.verbs.delete).map((one) => ({ value: one.key, label: plural(one.key) })),
          ]}
        />
      </div>
      <div className={classes.page}>
        {query.isError && (
          <div className={classes.empty} role="alert">
            <p>{failureText(query.error)}</p>
            <Button variant="default" onClick={() => void query.refetch()}>
              {t('action.retry')}
            </Button>
          </div>
        )}
        {query.isPending && late && <div className={classes.empty} aria-hidden />}
        {query.data && found.length === 0 && <p className={classes.empty}>{t(q ? 'trash.notFound' : 'trash.empty')}</p>}
        <ul className={classes.lines}>
          {found.map((one) => (
            <TrashLine key={one.id} one={one} onRestore={() => void bringBack(one)} onSeparate={() => setSeparating(one)} />
          ))}
        </ul>
        {query.hasNextPage && (
          <Button variant="default" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('trash.more')}
          </Button>
        )}
      </div>
      {separating?.cause && (
        <UndoDialog
          cause={separating.cause}
          title={t('trash.separateTitle')}
          act={t('trash.separate')}
          done={t('history.undone')}
          onClose={() => setSeparating(null)}
        />
      )}
    </div>
  );
}

function TrashLine({ one, onRestore, onSeparate }: { one: Trashed; onRestore: () => void; onSeparate: () => void }): ReactNode {
  const { t, object: objectWord } = useWords();
  const object = useMeta().object(one.object);
  const Icon = iconOf(object?.icon);
  const name = one.name ?? t('record.unnamed');
  return (
    <li className={classes.line}>
      <Icon {...iconLook} className={classes.icon} />
      <div className={classes.what}>
        <span className={classes.strong}>{name}</span>
        <div className={classes.about}>
          {objectWord(one.object)}
          {one.mergedInto !== null && object && (
            <>
              {' · '}
              <Link className="pg-link" to="/o/$plural/$id" params={{ plural: object.plural, id: one.mergedInto }}>
                {t('trash.merged')}
              </Link>
            </>
          )}
        </div>
      </div>
      <div className={classes.meta}>
        <span className="pg-meta">{one.deletedBy?.name}</span>
        <time className="pg-meta" dateTime={one.deletedAt} title={formatDateTime(one.deletedAt)}>
          {formatRelative(one.deletedAt)}
        </time>
      </div>
      <div className={classes.acts}>
        {one.mergedInto === null ? (
          <Button size="compact" variant="default" onClick={onRestore} aria-label={t('trash.restoreOne', { name })}>
            {t('trash.restore')}
          </Button>
        ) : (
          <Button size="compact" variant="default" onClick={onSeparate} aria-label={t('trash.separateOne', { name })}>
            {t('trash.separate')}
          </Button>
        )}
      </div>
    </li>
  );
}
