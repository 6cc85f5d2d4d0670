import { Button, Textarea, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { get, post, request } from '#ui/api.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { dayFromToday, formatDate, instantOf } from '#ui/format.ts';
import { showDone, showFailure, showUndo } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import classes from './insight.module.css';
import { save } from './insight.ts';

interface Embed {
  id: string;
  name: string;
  until: string;
}

interface Props {
  name: string;
  /** Key or id of what the links show. */
  of: { report: string } | { dashboard: string };
  onClose: () => void;
}

/** Links for those without an account: made until a day, copied, taken back. */
export function EmbedDialog({ name, of, onClose }: Props): ReactNode {
  const { t, language } = useWords();
  const client = useQueryClient();
  const [until, setUntil] = useState(dayFromToday(30));
  const [sites, setSites] = useState('');
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, ['until', 'sites']);
  const [[field, key]] = Object.entries(of) as [[string, string]];
  const queryKey = ['embeds', field, key];
  const { data } = useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      (
        await post<{ items: Embed[] }>(
          '/embeds/query',
          { where: { field, op: 'eq', value: key }, fields: ['name', 'until'], sort: ['-createdAt'], limit: 100 },
          signal,
        )
      ).items,
  });
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const origins = sites.split(/\s+/).filter(Boolean);
      await save('embeds', null, {
        name,
        [field]: key,
        // Through to the end of that day.
        until: instantOf(new Date(`${until}T23:59:59`)),
        sites: origins,
        language,
      });
      await client.invalidateQueries({ queryKey });
      showDone(t('embed.made'));
    } catch (problem) {
      setFailure(problem);
    }
  };
  const copy = async (id: string): Promise<void> => {
    try {
      const { path } = await get<{ path: string }>(`/insight/embeds/${id}/link`);
      await navigator.clipboard.writeText(new URL(path, location.origin).href);
      showDone(t('embed.copied'));
    } catch (problem) {
      showFailure(problem);
    }
  };
  const revoke = async (id: string): Promise<void> => {
    try {
      const { cause } = await request('DELETE', `/embeds/${id}`);
      await client.invalidateQueries({ queryKey });
      showUndo(t('embed.revoked'), cause, () => void client.invalidateQueries({ queryKey }));
    } catch (problem) {
      showFailure(problem);
    }
  };
  return (
    <FormDialog
      title={t('embed.title', { name })}
      failure={refusal.whole}
      act={t('embed.make')}
      waits={until === ''}
      onSubmit={make}
      onClose={onClose}
    >
      <p className="pg-secondary">{t('embed.hint')}</p>
      {data && data.length > 0 && (
        <ul className={classes.rows}>
          {data.map((one) => (
            <li key={one.id}>
              <span className={classes.grow}>{t('embed.openUntil', { day: formatDate(one.until) })}</span>
              <Button size="compact" variant="subtle" onClick={() => void copy(one.id)}>
                {t('embed.copy')}
              </Button>
              <Button size="compact" variant="subtle" color="danger" onClick={() => void revoke(one.id)}>
                {t('embed.revoke')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <TextInput
        type="date"
        label={t('embed.untilDay')}
        value={until}
        min={dayFromToday(0)}
        max={dayFromToday(365)}
        error={refusal.at('until')}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
      <Textarea
        label={t('embed.fields.sites')}
        description={t('embed.sitesHint')}
        rows={2}
        error={refusal.at('sites')}
        value={sites}
        onChange={(event) => setSites(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
