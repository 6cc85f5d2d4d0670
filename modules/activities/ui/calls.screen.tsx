import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { CreateDialog } from '#ui/form/create-dialog.tsx';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { formatNumber } from '#ui/format.ts';
import { useViews } from '#ui/list/views.ts';
import { useMeta } from '#ui/meta.ts';
import { showUndo } from '#ui/notify.tsx';
import { PageHeader } from '#ui/page-header.tsx';
import { useWords } from '#ui/words.ts';
import classes from './calls.module.css';
import { type CallListFigures, callListsQuery, refreshCalls } from './calls.ts';

/** The call lists, how far each has come, and the way to the next call. */
export function CallsScreen(): ReactNode {
  const { t } = useWords();
  const object = useMeta().object('callList');
  const query = useQuery(callListsQuery);
  const [making, setMaking] = useState(false);
  const [filling, setFilling] = useState<CallListFigures | null>(null);
  const lists = query.data;
  return (
    <div className={classes.screen}>
      <PageHeader title={t('calls.title')}>
        {object?.verbs.create && <Button onClick={() => setMaking(true)}>{t('calls.new')}</Button>}
      </PageHeader>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys */}
      <div className={classes.page} tabIndex={0}>
        {query.isError && <p role="alert">{failureText(query.error)}</p>}
        {lists?.length === 0 && <p className="pg-secondary">{t('calls.none')}</p>}
        <ul className={classes.lists}>
          {(lists ?? []).map((list) => (
            <li key={list.id}>
              <div className={classes.list}>
                <Link className={`pg-link ${classes.name}`} to="/o/$plural/$id" params={{ plural: 'callLists', id: list.id }}>
                  {list.name}
                </Link>
                <span className="pg-secondary">
                  {[list.owner?.name, list.status === 'closed' ? t('calls.closed') : null, <Progress key="progress" list={list} />]
                    .filter(Boolean)
                    .map((part, at) => [at > 0 ? ' · ' : '', part])}
                </span>
              </div>
              {list.status === 'open' && (
                <>
                  <Button
                    size="compact"
                    variant="subtle"
                    color="gray"
                    aria-label={`${t('calls.fill')}: ${list.name}`}
                    onClick={() => setFilling(list)}
                  >
                    {t('calls.fill')}
                  </Button>
                  <Button
                    size="compact"
                    variant="default"
                    aria-label={t('calls.workOf', { name: list.name })}
                    renderRoot={(props) => <Link to="/calls/$list" params={{ list: list.id }} {...props} />}
                  >
                    {t('calls.work')}
                  </Button>
                </>
              )}
            </li>
          ))}
        </ul>
      </div>
      {making && object && <CreateDialog object={object} onClose={() => setMaking(false)} onCreated={() => void refreshCalls()} />}
      {filling && <FillDialog list={filling} onClose={() => setFilling(null)} />}
    </div>
  );
}

function Progress({ list }: { list: CallListFigures }): ReactNode {
  const { t } = useWords();
  const n = (value: number): string => formatNumber(value, 0);
  return t('calls.progress', {
    done: n(list.done + list.unreachable),
    total: n(list.total),
    waiting: n(list.waiting),
    excluded: n(list.excluded),
  });
}

/** Puts the customers of a saved view onto a list; those who are on it stay there once. */
function FillDialog({ list, onClose }: { list: CallListFigures; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const views = useViews('party') ?? [];
  const [chosen, setChosen] = useState<string>('');
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      const where = views.find(({ id }) => id === chosen)?.definition.where;
      const { data, cause } = await request<Record<string, number>>('POST', `/calls/${list.id}/fill`, { body: { where: where ?? null } });
      showUndo(
        t('calls.filled', Object.fromEntries(Object.entries(data).map(([key, value]) => [key, formatNumber(value, 0)]))),
        cause,
        () => void refreshCalls(),
      );
      onClose();
      await refreshCalls();
    } catch (problem) {
      setFailure(failureText(problem));
      setBusy(false);
    }
  };
  return (
    <FormDialog
      title={t('calls.fillTitle', { name: list.name })}
      size={440}
      failure={failure}
      act={t('calls.fillAct')}
      waits={busy}
      onSubmit={submit}
      onClose={onClose}
    >
      <Select
        label={t('calls.view')}
        data={[{ value: '', label: t('calls.everyone') }, ...views.map(({ id, name }) => ({ value: id, label: name }))]}
        value={chosen}
        onChange={(value) => setChosen(value ?? '')}
        allowDeselect={false}
        data-autofocus
      />
    </FormDialog>
  );
}
