import { Button, CopyButton, Group, Stack, TextInput } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, get, post, request } from '#ui/api.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { failureText, problemsByField } from '#ui/failure.ts';
import { formatNumber, formatRelative } from '#ui/format.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import classes from './calendars.module.css';
import { HoursPart } from './hours-part.tsx';

interface Source {
  id: string;
  name: string;
  url: string;
  readAt: string | null;
  problem: string | null;
  times: number;
}

const feedQuery = queryOptions({
  queryKey: ['calendar', 'feed'],
  queryFn: ({ signal }) => get<{ since: string | null; readAt: string | null }>('/calendar/feed', {}, signal),
});
const sourcesQuery = queryOptions({
  queryKey: ['calendar', 'sources'],
  queryFn: async ({ signal }) => (await get<{ items: Source[] }>('/calendar/sources', {}, signal)).items,
});
const refresh = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['calendar'] });

/** My calendar outside, and calendars of others in here. */
export function CalendarsScreen(): ReactNode {
  const { t } = useWords();
  return (
    <SettingsFrame title={t('calendars.title')}>
      <HoursPart />
      <FeedPart />
      <SourcesPart />
    </SettingsFrame>
  );
}

function FeedPart(): ReactNode {
  const { t } = useWords();
  const { data } = useQuery(feedQuery);
  const [address, setAddress] = useState<string | null>(null);
  const [asking, setAsking] = useState<'renew' | 'drop' | null>(null);
  const make = async (): Promise<void> => {
    const { path } = await post<{ path: string }>('/calendar/feed');
    setAddress(`${window.location.origin}${path}`);
    await refresh();
  };
  const drop = async (): Promise<void> => {
    await request('DELETE', '/calendar/feed');
    setAddress(null);
    await refresh();
  };
  const there = data?.since != null;
  return (
    <SettingsPart
      title={t('calendars.out')}
      acts={
        <Group gap="xs">
          {there && (
            <Button size="compact" variant="subtle" color="gray" onClick={() => setAsking('drop')}>
              {t('calendars.drop')}
            </Button>
          )}
          <Button size="compact" variant="default" onClick={() => (there ? setAsking('renew') : void make().catch(showFailure))}>
            {t(there ? 'calendars.renew' : 'calendars.make')}
          </Button>
        </Group>
      }
    >
      <p className="pg-secondary">{t('calendars.outLead')}</p>
      {there && !address && (
        <p>{data.readAt ? t('calendars.lastRead', { when: formatRelative(data.readAt) }) : t('calendars.neverRead')}</p>
      )}
      {address && (
        <div className={classes.address} role="status">
          <p>{t('calendars.once')}</p>
          <code>{address}</code>
          <Group>
            <CopyButton value={address}>
              {({ copied, copy }) => <Button onClick={copy}>{t(copied ? 'calendars.copied' : 'calendars.copy')}</Button>}
            </CopyButton>
          </Group>
        </div>
      )}
      {asking && (
        <ConfirmDialog
          title={t(`calendars.${asking}Title`)}
          act={t(`calendars.${asking}`)}
          onAct={async () => {
            await (asking === 'renew' ? make() : drop());
          }}
          onClose={() => setAsking(null)}
        >
          {t('calendars.ends')}
        </ConfirmDialog>
      )}
    </SettingsPart>
  );
}

function SourcesPart(): ReactNode {
  const { t } = useWords();
  const query = useQuery(sourcesQuery);
  const [url, setUrl] = useState('');
  const [name, setName] = useState('');
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    try {
      await post('/calendar/sources', { url, name });
      setUrl('');
      setName('');
      await refresh();
    } catch (failure) {
      const own = failure instanceof ApiError ? problemsByField(failure) : {};
      setErrors(own.url ? own : { url: failureText(failure) });
    }
    setBusy(false);
  };
  const remove = async (source: Source): Promise<void> => {
    try {
      await request('DELETE', `/calendar/sources/${source.id}`);
      showDone(t('calendars.removed', { name: source.name }));
    } catch (failure) {
      showFailure(failure);
    }
    await refresh();
  };
  return (
    <SettingsPart title={t('calendars.in')}>
      <p className="pg-secondary">{t('calendars.inLead')}</p>
      <ul className={classes.sources}>
        {(query.data ?? []).map((source) => (
          <li key={source.id}>
            <div className={classes.source}>
              <span className={classes.name}>{source.name}</span>
              <span className={source.problem ? classes.problem : 'pg-secondary'}>
                {source.problem
                  ? t('calendars.problem', { why: source.problem })
                  : source.readAt
                    ? t('calendars.read', { n: formatNumber(source.times), count: source.times, when: formatRelative(source.readAt) })
                    : t('calendars.soon')}
              </span>
            </div>
            <Button
              size="compact"
              variant="subtle"
              color="gray"
              aria-label={t('calendars.removeOf', { name: source.name })}
              onClick={() => void remove(source)}
            >
              {t('action.remove')}
            </Button>
          </li>
        ))}
      </ul>
      <form onSubmit={(event) => void add(event)} noValidate>
        <Stack gap="sm">
          <TextInput
            label={t('calendars.url')}
            placeholder={t('calendars.urlPlaceholder')}
            value={url}
            onChange={({ currentTarget }) => setUrl(currentTarget.value)}
            error={errors.url}
          />
          <TextInput
            label={t('calendars.name')}
            value={name}
            maxLength={100}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Group>
            <Button type="submit" variant="default" disabled={busy || url.trim() === ''}>
              {t('calendars.add')}
            </Button>
          </Group>
        </Stack>
      </form>
    </SettingsPart>
  );
}
