import { Button, Group, PasswordInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, request } from '#ui/api.ts';
import { failureText, problemText } from '#ui/failure.ts';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { displayName } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showDone } from '#ui/notify.tsx';
import { useSession } from '#ui/session.ts';
import { type SettingsPage, settingsPages } from '#ui/settings/pages.ts';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { KeysPart } from './keys/keys-part.tsx';
import { Sample } from './sample.tsx';
import classes from './settings.module.css';

/** A new password: one's own with the present one, or another's by an administrator. */
function Password(): ReactNode {
  const { t } = useWords();
  const session = useSession();
  const meta = useMeta();
  const [user, setUser] = useState<{ id: string; name: string } | null>(null);
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [failure, setFailure] = useState<{ path: string; detail: string } | null>(null);
  const forOther = user !== null && user.id !== session?.user.id;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      await request('POST', `/users/${user?.id ?? session?.user.id}/password`, { body: forOther ? { password } : { password, current } });
      setCurrent('');
      setPassword('');
      showDone(t('password.done'));
    } catch (problem) {
      const [first] = problem instanceof ApiError ? problem.errors : [];
      setFailure({ path: first?.path ?? 'password', detail: first ? problemText(first) : failureText(problem) });
    }
  };
  return (
    <SettingsPart title={t('password.title')}>
      <form className={classes.password} onSubmit={(event) => void submit(event)}>
        {meta.may('administer') && (
          <RecordPicker
            object="user"
            value={user}
            onChange={setUser}
            label={t('password.whose')}
            ariaLabel={t('password.whose')}
            placeholder={t('password.mine')}
          />
        )}
        {!forOther && (
          <PasswordInput
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
            label={t('password.current')}
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            error={failure?.path === 'current' ? failure.detail : null}
            autoComplete="current-password"
          />
        )}
        <PasswordInput
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          label={t('password.new')}
          description={t('password.hint')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={failure && failure.path !== 'current' ? failure.detail : null}
          autoComplete="new-password"
        />
        <Group>
          <Button type="submit" variant="default" disabled={password === ''}>
            {t('password.set')}
          </Button>
        </Group>
      </form>
    </SettingsPart>
  );
}

/** Pages of one kind, and what else belongs to them. */
function PagesPart({ title, pages, children }: { title: string; pages: readonly SettingsPage[]; children?: ReactNode }): ReactNode {
  if (pages.length === 0 && !children) return null;
  return (
    <SettingsPart title={title}>
      <ul className={classes.links}>
        {pages.map(({ key, to, word }) => (
          <li key={key}>
            <Link className="pg-link" to={to}>
              {word}
            </Link>
          </li>
        ))}
        {children}
      </ul>
    </SettingsPart>
  );
}

/** The company, the people, one's own keys. */
export function SettingsScreen(): ReactNode {
  const words = useWords();
  const { t } = words;
  const session = useSession();
  const meta = useMeta();
  const pages = settingsPages(meta, words);
  return (
    <SettingsFrame title={t('settings.title')} back={null}>
      {session && (
        <SettingsPart title={t('settings.company')}>
          <dl className={classes.facts}>
            <dt>{t('setUp.company')}</dt>
            <dd>{session.company.name}</dd>
            <dt>{t('setUp.baseCurrency')}</dt>
            <dd>{displayName('currency', session.company.baseCurrency)}</dd>
            <dt>{t('setUp.language')}</dt>
            <dd>{displayName('language', session.company.language)}</dd>
            <dt>{t('setUp.timeZone')}</dt>
            <dd>{session.company.timeZone}</dd>
          </dl>
        </SettingsPart>
      )}
      <PagesPart title={t('settings.administration')} pages={pages.administration} />
      <PagesPart title={t('settings.data')} pages={pages.data} />
      <PagesPart title={t('settings.whatWasDone')} pages={pages.done} />
      <Sample />
      <PagesPart title={t('devices.page')} pages={pages.own} />
      <Password />
      {meta.may('manageKeys') && <KeysPart />}
      <PagesPart title={t('settings.developers')} pages={pages.developers}>
        <li>
          <a className="pg-link" href="/api/docs" target="_blank" rel="noreferrer">
            {t('settings.apiDocs')}
          </a>
        </li>
      </PagesPart>
    </SettingsFrame>
  );
}
