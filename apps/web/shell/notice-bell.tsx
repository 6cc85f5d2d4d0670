import { Button } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useRef, useState } from 'react';
import { address } from '#ui/api.ts';
import { formatNumber, formatRelative } from '#ui/format.ts';
import { iconLook, iconOf } from '#ui/icons.ts';
import { HangingPopover } from '#ui/menu-button.tsx';
import { useMeta } from '#ui/meta.ts';
import { markRead, type Notice, noticesQuery } from '#ui/notices/notices.ts';
import { showFailure } from '#ui/notify.tsx';
import { useSession } from '#ui/session.ts';
import { Tip } from '#ui/tip.tsx';
import { useWords } from '#ui/words.ts';
import classes from './shell.module.css';

/** What the user is told of, at the foot of the sidebar: a number while something is unread. */
export function NoticeBell({ folded }: { folded: boolean }): ReactNode {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const { data } = useQuery(noticesQuery);
  const unread = data?.unread ?? 0;
  const word = unread > 0 ? t('notice.unread', { count: unread, n: formatNumber(unread) }) : t('notice.title');
  const items = data?.items ?? [];
  return (
    <>
      <Tip label={folded ? word : undefined} beside>
        <button
          ref={opener}
          type="button"
          className={classes.entry}
          aria-label={unread > 0 && !folded ? `${t('notice.title')} ${word}` : word}
          aria-haspopup="dialog"
          aria-expanded={open}
          data-live={unread > 0 || undefined}
          onClick={() => setOpen(!open)}
        >
          <IconBell {...iconLook} />
          {!folded && <span className="pg-ellipsis">{t('notice.title')}</span>}
          {/* The space keeps what is seen a part of what is said. */}
          {unread > 0 && ' '}
          {unread > 0 && <span className={classes.unread}>{formatNumber(unread)}</span>}
        </button>
      </Tip>
      <HangingPopover
        to={opener}
        opened={open}
        onChange={setOpen}
        position="right-end"
        width={360}
        padding={0}
        returnFocus
        content={() => (
          <>
            <div className={classes.noticeHead}>
              <h2 className={classes.noticeTitle}>{t('notice.title')}</h2>
              {unread > 0 && (
                <Button size="compact" variant="subtle" color="gray" onClick={() => void markRead().catch(showFailure)}>
                  {t('notice.readAll')}
                </Button>
              )}
            </div>
            {items.length === 0 ? (
              <p className={classes.noticeNone}>{t('notice.none')}</p>
            ) : (
              <ul className={classes.notices}>
                {items.map((notice) => (
                  <NoticeLine key={notice.id} notice={notice} onOpen={() => setOpen(false)} />
                ))}
              </ul>
            )}
          </>
        )}
      />
    </>
  );
}

/** Hands a delivered file to the browser to keep; the page stays. */
const take = (file: string): void => location.assign(address(`/insight/deliveries/${file}/file`));

function NoticeLine({ notice, onOpen }: { notice: Notice; onOpen: () => void }): ReactNode {
  const { t, object: objectWord, plural, label, inSentence } = useWords();
  const navigate = useNavigate();
  const session = useSession();
  const object = useMeta().object(notice.object ?? undefined);
  const Icon = iconOf(object?.icon);
  const open = (): void => {
    onOpen();
    if (!notice.read) void markRead([notice.id]).catch(showFailure);
    // Whoever takes over reads before they open: one brief, or the customers with a brief each.
    if (notice.kind === 'handedOver' && notice.record && session)
      void (notice.count > 1
        ? navigate({ to: '/o/users/$id/customers', params: { id: session.user.id }, search: { newest: true } })
        : navigate({ to: '/o/parties/$id/brief', params: { id: notice.record.id } }));
    else if (notice.kind === 'approval') void navigate({ to: '/approvals' });
    else if (notice.kind === 'delivered') void (notice.file ? take(notice.file) : navigate({ to: '/reports' }));
    else if (notice.kind === 'key') void navigate({ to: '/settings' });
    else if (notice.kind === 'webhook') void navigate({ to: '/settings/webhooks' });
    else if (object && notice.record) void navigate({ to: '/o/$plural/$id', params: { plural: object.plural, id: notice.record.id } });
    else if (notice.job?.kind === 'import') void navigate({ to: '/imports' });
  };
  const who = notice.actor?.name ?? t('actor.system');
  const text =
    notice.kind === 'job' && notice.job
      ? t(`notice.job.${notice.job.state === 'done' ? 'done' : 'failed'}`, { job: notice.job.label || label(`job.${notice.job.kind}`) })
      : notice.count > 1 && object
        ? t(`notice.${notice.kind}Many`, {
            who,
            text: notice.text ?? '',
            n: formatNumber(notice.count),
            objects: inSentence(plural(object.key)),
          })
        : t(`notice.${notice.kind}`, {
            who,
            text: notice.text ?? '',
            object: object ? inSentence(objectWord(object.key)) : '',
            title: notice.record?.title || t('record.unnamed'),
          });
  return (
    <li>
      <button type="button" className={classes.notice} data-unread={!notice.read || undefined} onClick={open}>
        <Icon {...iconLook} />
        <span>
          {text}
          {notice.job?.error && <span className="pg-secondary"> {notice.job.error}</span>}
          <br />
          <span className="pg-meta">{formatRelative(notice.at)}</span>
        </span>
      </button>
    </li>
  );
}
