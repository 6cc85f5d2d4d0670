import { Button, CopyButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatNumber } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { type RecordData, readNamed } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { BookingPageDialog } from './booking-page-dialog.tsx';
import classes from './booking-pages.module.css';
import { bookingPagesQuery, refreshPages } from './booking-pages.ts';

/** Addresses under which guests book a time: made, looked at, handed on. */
export function BookingPagesScreen(): ReactNode {
  const { t } = useWords();
  const object = useMeta().object('bookingPage');
  const query = useQuery(bookingPagesQuery);
  const [open, setOpen] = useState<RecordData | 'new' | null>(null);
  return (
    <SettingsFrame
      title={t('bookingPages.title')}
      acts={object?.verbs.create && <Button onClick={() => setOpen('new')}>{t('bookingPages.new')}</Button>}
    >
      <SettingsPart>
        <p className="pg-secondary">{t('bookingPages.lead')}</p>
        {query.isError && <p role="alert">{failureText(query.error)}</p>}
        {query.data?.length === 0 && <p>{t('bookingPages.none')}</p>}
        <ul className={classes.pages}>
          {(query.data ?? []).map((page) => (
            <Line key={page.id} page={page} onEdit={() => setOpen(page)} />
          ))}
        </ul>
      </SettingsPart>
      {open && object && <BookingPageDialog object={object} page={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </SettingsFrame>
  );
}

function Line({ page, onEdit }: { page: RecordData; onEdit: () => void }): ReactNode {
  const { t } = useWords();
  const name = String(page.title ?? '');
  const address = `${window.location.origin}/b/${String(page.slug)}`;
  const frame = `<iframe src="${address}" title="${name.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}" width="100%" height="720" style="border:0"></iframe>`;
  const remove = async (): Promise<void> => {
    try {
      const { cause } = await request('DELETE', `/bookingPages/${page.id}`);
      showUndo(t('bookingPages.removed', { name }), cause, () => void refreshPages());
    } catch (failure) {
      showFailure(failure);
    }
    await refreshPages();
  };
  const about = [
    readNamed(page.owner)?.name,
    t('bookingPages.minutes', { n: formatNumber(Number(page.length)), count: Number(page.length) }),
    page.active ? null : t('bookingPages.off'),
  ].filter(Boolean);
  return (
    <li>
      <div className={classes.page}>
        <a
          className={`pg-link ${classes.name}`}
          href={address}
          target="_blank"
          rel="noreferrer"
          aria-label={t('bookingPages.preview', { name })}
        >
          {name}
        </a>
        <span className="pg-secondary">{about.join(' · ')}</span>
      </div>
      <Copy value={address} word={t('bookingPages.copy')} of={name} />
      <Copy value={frame} word={t('bookingPages.embed')} of={name} />
      <Button size="compact" variant="subtle" color="gray" aria-label={`${t('bookingPages.editAct')}: ${name}`} onClick={onEdit}>
        {t('bookingPages.editAct')}
      </Button>
      <Button size="compact" variant="subtle" color="gray" aria-label={`${t('action.remove')}: ${name}`} onClick={() => void remove()}>
        {t('action.remove')}
      </Button>
    </li>
  );
}

function Copy({ value, word, of }: { value: string; word: string; of: string }): ReactNode {
  const { t } = useWords();
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => {
        const shown = copied ? t('bookingPages.copied') : word;
        return (
          <Button size="compact" variant="default" aria-label={`${shown}: ${of}`} onClick={copy}>
            {shown}
          </Button>
        );
      }}
    </CopyButton>
  );
}
