import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { ApiKey } from '#engine/declare/sign-in.ts';
import { request } from '#ui/api.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { failureText } from '#ui/failure.ts';
import { formatDateTime, formatList, formatRelative } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showDone } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { SettingsPart } from '#ui/settings/settings-frame.tsx';
import type { Named } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './keys.module.css';
import { keysQuery, partsOf } from './keys.ts';
import { NewKey } from './new-key.tsx';

/** One's API keys: what each may, when it was last used, until when it holds; for administrators those of `user`, to be revoked. */
export function KeysPart({ user }: { user?: Named }): ReactNode {
  const { t } = useWords();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const query = useQuery(keysQuery(user?.id));
  const revoke = async (key: ApiKey): Promise<void> => {
    await request('DELETE', `/keys/${key.id}`);
    await queryClient.invalidateQueries({ queryKey: keysQuery(user?.id).queryKey });
    showDone(t('keys.revoked', { name: key.name }));
  };
  return (
    <SettingsPart
      title={user ? t('keys.titleOf', { name: user.name }) : t('keys.title')}
      acts={
        !user && (
          <Button size="compact" variant="default" onClick={() => setMaking(true)}>
            {t('keys.new')}
          </Button>
        )
      }
    >
      {!user && <p className="pg-secondary">{t('keys.lead')}</p>}
      {user && query.data?.length === 0 && <p className="pg-secondary">{t('keys.none')}</p>}
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data && query.data.length > 0 && (
        <ul className={classes.keys}>
          {query.data.map((key) => (
            <li key={key.id}>
              <div>
                <p className={classes.name}>{key.name}</p>
                <p>
                  <ScopeWords scopes={key.scopes} />
                </p>
                <p className="pg-secondary">
                  {key.usedAt ? t('keys.used', { when: formatRelative(key.usedAt) }) : t('keys.unused')} ·{' '}
                  {t('keys.made', { when: formatDateTime(key.createdAt) })} · <End at={key.expiresAt} />
                </p>
              </div>
              <Button size="compact" variant="subtle" color="danger" onClick={() => setRevoking(key)}>
                {t('keys.revoke')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {revoking && (
        <ConfirmDialog
          title={t('keys.revokeTitle', { name: revoking.name })}
          act={t('keys.revokeAct')}
          onAct={() => revoke(revoking)}
          onClose={() => setRevoking(null)}
        >
          <p>{t('keys.revokeLead')}</p>
        </ConfirmDialog>
      )}
      {making && <NewKey onClose={() => setMaking(false)} />}
    </SettingsPart>
  );
}

/** “reads customers and cases, exports”. */
function ScopeWords({ scopes }: { scopes: readonly string[] | null }): ReactNode {
  const { t, plural, inSentence } = useWords();
  const meta = useMeta();
  if (scopes === null) return t('keys.scope.all');
  const { whole, reads, writes } = partsOf(scopes);
  const named = (plurals: readonly string[]): string =>
    formatList(
      plurals.map((name) => {
        const object = meta.objects.find((one) => one.plural === name);
        return object ? inSentence(plural(object.key)) : name;
      }),
    );
  const words = [
    ...whole.filter((scope) => scope === 'read' || scope === 'write').map((scope) => t(`keys.scope.${scope}`)),
    ...(reads.length > 0 ? [t('keys.scope.reads', { objects: named(reads) })] : []),
    ...(writes.length > 0 ? [t('keys.scope.writes', { objects: named(writes) })] : []),
    ...whole.filter((scope) => scope !== 'read' && scope !== 'write').map((scope) => t(`keys.scope.${scope}`)),
  ];
  return words.join(' · ');
}

/** Until when a key holds; what is about to end, or never does, stands out. */
function End({ at }: { at: string | null }): ReactNode {
  const { t } = useWords();
  if (at === null) return <span className={classes.warning}>{t('keys.endless')}</span>;
  const left = Date.parse(at) - Date.now();
  const text = t(left > 0 ? 'keys.ends' : 'keys.ended', { when: formatRelative(at) });
  return left < 7 * 86_400_000 ? <span className={classes.warning}>{text}</span> : text;
}
