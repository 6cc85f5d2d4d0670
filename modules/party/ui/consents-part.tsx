import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { get } from '#ui/api.ts';
import { CreateDialog } from '#ui/form/create-dialog.tsx';
import { formatRelative } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { queryClient } from '#ui/query-client.ts';
import { useWords } from '#ui/words.ts';
import classes from './party.module.css';

interface Standing {
  purpose: string;
  channel: string;
  allowed: boolean;
  since: string;
  /** The row that proves it. */
  consent: string;
}

/** What a customer allows now, each with the row that proves it; what they say next is written down beside. */
export function ConsentsPart({ party, name }: { party: string; name: string }): ReactNode {
  const { t, option, plural } = useWords();
  const object = useMeta().object('consent');
  const [creating, setCreating] = useState(false);
  const { data } = useQuery({
    // Below the overview's own key: what makes that fresh makes this fresh.
    queryKey: ['overview', party, 'consents'],
    queryFn: async ({ signal }) => (await get<{ items: Standing[] }>(`/parties/${party}/consents`, {}, signal)).items,
    enabled: object !== undefined,
  });
  if (!object || !data) return null;
  const creates = object.verbs.create;
  if (data.length === 0 && !creates) return null;
  return (
    <section>
      <div className={classes.sectionHead}>
        <Link
          className={classes.sectionName}
          to="/o/$plural"
          params={{ plural: object.plural }}
          search={{ where: { all: [{ field: 'party', op: 'eq', value: party }] } }}
        >
          {plural('consent')}
        </Link>
        {creates && (
          <Button size="compact" variant="subtle" onClick={() => setCreating(true)}>
            {t('consents.add')}
          </Button>
        )}
      </div>
      {data.length === 0 && <p className="pg-secondary">{t('consents.none')}</p>}
      <ul className={classes.rows}>
        {data.map((one) => (
          <li key={`${one.purpose} ${one.channel}`} className={classes.consent} data-allowed={one.allowed || undefined}>
            <Link className={classes.itemTitle} to="/o/$plural/$id" params={{ plural: object.plural, id: one.consent }}>
              {option('consent', 'purpose', one.purpose)} · {option('consent', 'channel', one.channel)}
            </Link>
            <span>{t(one.allowed ? 'consents.allowed' : 'consents.withdrawn', { when: formatRelative(one.since) })}</span>
          </li>
        ))}
      </ul>
      {creating && (
        <CreateDialog
          object={object}
          preset={{ party: { id: party, name }, at: new Date().toISOString() }}
          onClose={() => setCreating(false)}
          onCreated={() => {
            setCreating(false);
            void queryClient.invalidateQueries({ queryKey: ['overview', party] });
          }}
        />
      )}
    </section>
  );
}
