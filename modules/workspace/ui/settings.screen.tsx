import { Button, CopyButton, Group, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { administration } from '#ui/administration.ts';
import { ApiError, get, request } from '#ui/api.ts';
import { failureText, problemText } from '#ui/failure.ts';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { displayName, formatDateTime, formatRelative } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { useSession } from '#ui/session.ts';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { Sample } from './sample.tsx';
import classes from './settings.module.css';

interface ApiKey {
  id: string;
  name: string;
  createdAt: string;
  usedAt?: string | null;
}

/** Makes a key and shows it this once. */
function NewKey({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useWords();
  const [name, setName] = useState('');
  const [key, setKey] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const { data } = await request<{ secret: string }>('POST', '/keys', { body: { name } });
      setKey(data.secret);
      await queryClient.invalidateQueries({ queryKey: ['keys'] });
    } catch (problem) {
      setFailure(failureText(problem));
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('keys.new')} size={480} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {key === null ? (
        <form onSubmit={(event) => void submit(event)}>
          <TextInput
            label={t('keys.name')}
            description={t('keys.nameHint')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={failure}
            required
            withAsterisk={false}
            data-autofocus
          />
          <Group justify="flex-end" gap="sm" mt="lg">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit">{t('keys.create')}</Button>
          </Group>
        </form>
      ) : (
        <>
          <p>{t('keys.once')}</p>
          <code className={classes.key}>{key}</code>
          <Group justify="flex-end" gap="sm" mt="lg">
            <Button variant="default" onClick={onClose}>
              {t('action.close')}
            </Button>
            <CopyButton value={key}>
              {({ copied, copy }) => <Button onClick={copy}>{t(copied ? 'keys.copied' : 'keys.copy')}</Button>}
            </CopyButton>
          </Group>
        </>
      )}
    </Modal>
  );
}

function Keys(): ReactNode {
  const { t } = useWords();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const query = useQuery({
    queryKey: ['keys'],
    queryFn: async ({ signal }) => (await get<{ items: ApiKey[] }>('/keys', {}, signal)).items,
  });
  const revoke = async (key: ApiKey): Promise<void> => {
    try {
      await request('DELETE', `/keys/${key.id}`);
      setRevoking(null);
      await queryClient.invalidateQueries({ queryKey: ['keys'] });
      showDone(t('keys.revoked', { name: key.name }));
    } catch (failure) {
      showFailure(failure);
    }
  };
  return (
    <SettingsPart
      title={t('keys.title')}
      acts={
        <Button size="compact" variant="default" onClick={() => setMaking(true)}>
          {t('keys.new')}
        </Button>
      }
    >
      <p className="pg-secondary">{t('keys.lead')}</p>
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data && query.data.length > 0 && (
        <ul className={classes.keys}>
          {query.data.map((key) => (
            <li key={key.id}>
              <span className={classes.strong}>{key.name}</span>
              <span className="pg-secondary">
                {key.usedAt ? t('keys.used', { when: formatRelative(key.usedAt) }) : t('keys.unused')} ·{' '}
                {t('keys.made', { when: formatDateTime(key.createdAt) })}
              </span>
              <Button size="compact" variant="subtle" color="danger" onClick={() => setRevoking(key)}>
                {t('keys.revoke')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {revoking && (
        <Modal
          opened
          onClose={() => setRevoking(null)}
          title={t('keys.revokeTitle', { name: revoking.name })}
          size={440}
          closeButtonProps={{ 'aria-label': t('action.close') }}
        >
          <p>{t('keys.revokeLead')}</p>
          <Group justify="flex-end" gap="sm" mt="lg">
            <Button variant="default" onClick={() => setRevoking(null)}>
              {t('action.cancel')}
            </Button>
            <Button color="danger" onClick={() => void revoke(revoking)}>
              {t('keys.revokeAct')}
            </Button>
          </Group>
        </Modal>
      )}
      {making && <NewKey onClose={() => setMaking(false)} />}
    </SettingsPart>
  );
}

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

/** The company, the people, one's own keys. */
export function SettingsScreen(): ReactNode {
  const { t, plural } = useWords();
  const session = useSession();
  const meta = useMeta();
  const cuts = meta.object('territory')?.verbs.update === true;
  const kept = administration
    .map((key) => meta.object(key))
    .filter((object) => object !== undefined)
    .filter((object) => (object.key !== 'role' || !meta.may('administer')) && (object.key !== 'territory' || !cuts));
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
      {kept.length > 0 && (
        <SettingsPart title={t('settings.administration')}>
          <ul className={classes.links}>
            {meta.may('administer') && (
              <li>
                <Link className="pg-link" to="/settings/objects">
                  {t('catalogue.title')}
                </Link>
              </li>
            )}
            {meta.may('administer') && (
              <li>
                <Link className="pg-link" to="/settings/roles">
                  {t('roles.title')}
                </Link>
              </li>
            )}
            {cuts && (
              <li>
                <Link className="pg-link" to="/settings/territories">
                  {t('territories.title')}
                </Link>
              </li>
            )}
            {kept.map((object) => (
              <li key={object.key}>
                {object.key === 'pipeline' ? (
                  <Link className="pg-link" to="/settings/pipelines">
                    {plural(object.key)}
                  </Link>
                ) : object.key === 'flow' ? (
                  <Link className="pg-link" to="/settings/flows">
                    {plural(object.key)}
                  </Link>
                ) : (
                  <Link className="pg-link" to="/o/$plural" params={{ plural: object.plural }} search={{}}>
                    {plural(object.key)}
                  </Link>
                )}
              </li>
            ))}
          </ul>
        </SettingsPart>
      )}
      <SettingsPart title={t('settings.data')}>
        <ul className={classes.links}>
          <li>
            <Link className="pg-link" to="/quality" search={{}}>
              {t('quality.title')}
            </Link>
          </li>
          {meta.may('administer') && meta.objects.some((object) => object.duplicates) && (
            <li>
              <Link className="pg-link" to="/settings/duplicates" search={{}}>
                {t('identity.title')}
              </Link>
            </li>
          )}
          {meta.may('administer') && (
            <li>
              <Link className="pg-link" to="/settings/retention">
                {t('retention.title')}
              </Link>
            </li>
          )}
          {meta.may('administer') && (
            <li>
              <Link className="pg-link" to="/settings/backups">
                {t('backups.title')}
              </Link>
            </li>
          )}
        </ul>
      </SettingsPart>
      <SettingsPart title={t('settings.whatWasDone')}>
        <ul className={classes.links}>
          <li>
            <Link className="pg-link" to="/approvals">
              {t('approvals.title')}
            </Link>
          </li>
          <li>
            <Link className="pg-link" to="/history" search={{}}>
              {t('audit.title')}
            </Link>
          </li>
          <li>
            <Link className="pg-link" to="/trash" search={{}}>
              {t('trash.title')}
            </Link>
          </li>
        </ul>
      </SettingsPart>
      <Sample />
      <SettingsPart title={t('devices.page')}>
        <ul className={classes.links}>
          <li>
            <Link className="pg-link" to="/settings/sign-in">
              {t('devices.link')}
            </Link>
          </li>
          {meta.may('administer') && (
            <li>
              <Link className="pg-link" to="/settings/sign-ins">
                {t('signIns.title')}
              </Link>
            </li>
          )}
          {meta.may('administer') && (
            <li>
              <Link className="pg-link" to="/settings/sign-in-providers">
                {t('providers.title')}
              </Link>
            </li>
          )}
        </ul>
      </SettingsPart>
      <Password />
      {meta.may('manageKeys') && <Keys />}
      <SettingsPart title={t('settings.developers')}>
        <ul className={classes.links}>
          {meta.may('administer') && (
            <li>
              <Link className="pg-link" to="/settings/webhooks">
                {t('webhooks.title')}
              </Link>
            </li>
          )}
          {meta.may('administer') && (
            <li>
              <Link className="pg-link" to="/settings/applications">
                {t('applications.title')}
              </Link>
            </li>
          )}
          <li>
            <a className="pg-link" href="/api/docs" target="_blank" rel="noreferrer">
              {t('settings.apiDocs')}
            </a>
          </li>
        </ul>
      </SettingsPart>
    </SettingsFrame>
  );
}
