import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get, post } from '#ui/api.ts';
import { formatDateTime, formatRelative } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import classes from './webhooks.module.css';
import { type Delivery, deliveriesOf, refreshWebhooks } from './webhooks.ts';

const SHOWN = 8;
const ASKED_AGAIN_MS = 3000;

/** What a webhook last sent and what came of it; while something is under way it is asked again. */
export function Deliveries({ webhook }: { webhook: string }): ReactNode {
  const { t, object } = useWords();
  const meta = useMeta();
  const { data } = useQuery({
    queryKey: deliveriesOf(webhook),
    queryFn: async () => (await get<{ items: Delivery[] }>('/outbox', { source: webhook, limit: SHOWN })).items,
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state !== 'sent' && one.state !== 'dead') ? ASKED_AGAIN_MS : false),
  });
  const resend = async (id: string): Promise<void> => {
    try {
      await post(`/outbox/${id}/resend`, {});
      showDone(t('webhooks.resent'));
      await refreshWebhooks();
    } catch (failure) {
      showFailure(failure);
    }
  };
  return (
    <>
      <h3 className={classes.heading}>{t('webhooks.deliveries')}</h3>
      {data?.length === 0 && <p className="pg-secondary">{t('webhooks.noDeliveries')}</p>}
      {data && data.length > 0 && (
        <ul className={classes.deliveries}>
          {data.map((one) => (
            <li key={one.id}>
              <span title={formatDateTime(one.at)}>{formatRelative(one.at)}</span>
              <span>{one.object === null ? t('webhooks.testKind') : meta.object(one.object) ? object(one.object) : one.object}</span>
              <span className={classes.outcome} data-state={one.state}>
                {[t(`webhooks.state.${one.state}`), one.state === 'sent' ? one.status : one.error].filter(Boolean).join(' · ')}
              </span>
              {(one.state === 'sent' || one.state === 'dead') && (
                <Button size="compact" variant="subtle" onClick={() => void resend(one.id)}>
                  {t('webhooks.resend')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
