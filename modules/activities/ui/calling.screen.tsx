import { Button, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { post, request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { PointLines, readPoints } from '#ui/fields/contact-points.tsx';
import { formatNumber, formatRelative } from '#ui/format.ts';
import { TextLink } from '#ui/links.tsx';
import { showAct, showDone, showFailure } from '#ui/notify.tsx';
import { PageHeader } from '#ui/page-header.tsx';
import { useSubjectIs } from '#ui/palette/subject.ts';
import { instantOfWhen, readWhen, whenText } from '#ui/when.ts';
import { useWords } from '#ui/words.ts';
import classes from './calls.module.css';
import { callListQuery, type Handed, nextCall, OUTCOME_KEYS, type OutcomeKey, refreshCalls } from './calls.ts';

/** One customer of a call list after the other: whom to call, what to say, and what came of it by a key. */
export function CallingScreen(): ReactNode {
  const { t, option } = useWords();
  const { list } = useParams({ strict: false }) as { list: string };
  const { data: figures } = useQuery(callListQuery(list));
  const [handed, setHanded] = useState<Handed | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const noteBox = useRef<HTMLTextAreaElement>(null);
  const whenBox = useRef<HTMLInputElement>(null);
  const entry = handed?.entry ?? null;
  const party = handed?.party;
  const name = String(party?.name ?? '');
  const when = readWhen(typed);
  useSubjectIs(party?.id, name);

  const take = useCallback(
    async (after: string | null): Promise<void> => {
      setBusy(true);
      setFailure(null);
      try {
        setHanded(await nextCall(list, after));
        setNote('');
        setTyped('');
        setWrong(false);
        box.current?.focus({ preventScroll: true });
      } catch (problem) {
        setFailure(problem);
      }
      setBusy(false);
      await refreshCalls();
    },
    [list],
  );
  useEffect(() => {
    void take(null);
    // Whoever leaves lets go of the customer they had in hand.
    return () => void request('DELETE', `/calls/${list}/hold`).catch(() => undefined);
  }, [take, list]);

  const log = async (outcome: OutcomeKey): Promise<void> => {
    if (!entry || busy) return;
    if (outcome === 'callBack' && !when) {
      setWrong(true);
      whenBox.current?.focus();
      return;
    }
    setBusy(true);
    try {
      const { cause } = await request('POST', '/actions/logCallOutcome', {
        body: {
          ids: [entry.id],
          outcome,
          ...(note.trim() ? { note: note.trim() } : {}),
          ...(outcome === 'callBack' && when ? { nextTryAt: instantOfWhen(when) } : {}),
        },
      });
      showAct(t('calls.logged', { name, outcome: option('callListEntry', 'outcome', outcome) }), t('action.undo'), async () => {
        await post(`/calls/entries/${entry.id}/undo`, { cause });
        showDone(t('calls.undone', { name }));
        await refreshCalls();
        if (!handed?.entry) return;
        // The one who was taken back is in front again.
        await request('DELETE', `/calls/${list}/hold`);
        await take(null);
      });
      await take(null);
    } catch (problem) {
      setBusy(false);
      showFailure(problem);
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = (event.target as HTMLElement).matches('input, textarea');
    if (typing) {
      if (event.key === 'Escape') box.current?.focus();
      return;
    }
    const outcome = OUTCOME_KEYS[Number(event.key) - 1];
    const act =
      outcome !== undefined
        ? () => void log(outcome)
        : event.key === 'n'
          ? () => noteBox.current?.focus()
          : event.key === 's' && entry && !busy
            ? () => void take(entry.id)
            : null;
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  const phones = readPoints(party?.phones);
  return (
    <div className={classes.screen}>
      <PageHeader
        title={figures?.name ?? ''}
        aside={
          <TextLink className="pg-link" to="/calls">
            {t('calls.back')}
          </TextLink>
        }
      >
        {entry && (
          <Button variant="default" disabled={busy} onClick={() => void take(entry.id)}>
            {t('calls.skip')}
          </Button>
        )}
      </PageHeader>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys of the whole page; each has its button */}
      <div className={classes.page} ref={box} tabIndex={-1} onKeyDown={onKey}>
        {figures && (
          <p className="pg-secondary" role="status">
            {t('calls.progress', {
              done: formatNumber(figures.done + figures.unreachable, 0),
              total: formatNumber(figures.total, 0),
              waiting: formatNumber(figures.waiting, 0),
              excluded: formatNumber(figures.excluded, 0),
            })}
          </p>
        )}
        {failure !== null && <p role="alert">{failureText(failure)}</p>}
        {handed && !entry && <p>{t('calls.empty')}</p>}
        {entry && party && (
          <div className={classes.work}>
            <section aria-label={name}>
              <h2>
                <Link className="pg-link" to="/o/parties/$id" params={{ id: party.id }}>
                  {name || t('record.unnamed')}
                </Link>
              </h2>
              <p className="pg-secondary">{[party.jobTitle, party.city].filter(Boolean).join(' · ')}</p>
              {phones && (
                <div className={classes.phones}>
                  <PointLines points={phones} scheme="tel" />
                </div>
              )}
              {entry.tries > 0 && (
                <p className="pg-secondary">
                  {[t('calls.tries', { n: formatNumber(entry.tries, 0) }), entry.note].filter(Boolean).join(' · ')}
                </p>
              )}
              <h3>{t('calls.outcome')}</h3>
              <div className={classes.outcomes}>
                {OUTCOME_KEYS.map((key, at) => (
                  <Button
                    key={key}
                    variant="default"
                    justify="flex-start"
                    disabled={busy}
                    onClick={() => void log(key)}
                    aria-keyshortcuts={String(at + 1)}
                  >
                    <kbd className={classes.key}>{at + 1}</kbd>
                    {option('callListEntry', 'outcome', key)}
                  </Button>
                ))}
              </div>
              <div className={classes.fields}>
                <Textarea
                  ref={noteBox}
                  label={t('calls.note')}
                  autosize
                  minRows={2}
                  maxLength={5000}
                  value={note}
                  onChange={({ currentTarget }) => setNote(currentTarget.value)}
                />
                <TextInput
                  ref={whenBox}
                  label={t('calls.callBackAt')}
                  placeholder={t('calls.callBackHint')}
                  value={typed}
                  onChange={({ currentTarget }) => {
                    setTyped(currentTarget.value);
                    setWrong(false);
                  }}
                  onKeyDown={(event) => {
                    if (event.key === 'Enter') void log('callBack');
                  }}
                  description={when ? whenText(when) : undefined}
                  inputWrapperOrder={['label', 'input', 'description', 'error']}
                  error={wrong ? t('calls.noTime') : undefined}
                />
                <p className="pg-meta">{t('calls.keys')}</p>
              </div>
            </section>
            <aside className={classes.aside}>
              {handed?.list.script && (
                <>
                  <h3>{t('calls.script')}</h3>
                  <p className={classes.script}>{handed.list.script}</p>
                </>
              )}
              <h3>{t('calls.touches')}</h3>
              {handed?.touches?.items.length === 0 && <p className="pg-secondary">{t('calls.noTouches')}</p>}
              <ul className={classes.touches}>
                {(handed?.touches?.items ?? []).map((touch) => (
                  <li key={touch.id}>
                    {touch.title}{' '}
                    <span className="pg-meta">{[formatRelative(touch.at), touch.actor?.name].filter(Boolean).join(' · ')}</span>
                  </li>
                ))}
              </ul>
              {figures && Object.keys(figures.outcomes).length > 0 && (
                <>
                  <h3>{t('calls.results')}</h3>
                  <ul className={classes.touches}>
                    {OUTCOME_KEYS.filter((key) => figures.outcomes[key]).map((key) => (
                      <li key={key}>
                        {option('callListEntry', 'outcome', key)}{' '}
                        <span className="pg-meta">{formatNumber(figures.outcomes[key] ?? 0, 0)}</span>
                      </li>
                    ))}
                  </ul>
                </>
              )}
            </aside>
          </div>
        )}
      </div>
    </div>
  );
}
