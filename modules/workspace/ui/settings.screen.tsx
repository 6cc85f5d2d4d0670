import { Button, Group, PasswordInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { administration } from '#ui/administration.ts';
import { ApiError, request } from '#ui/api.ts';
import { failureText, problemText } from '#ui/failure.ts';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { displayName } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showDone } from '#ui/notify.tsx';
import { useSession } from '#ui/session.ts';
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
                ) : object.key === 'leadForm' ? (
                  <Link className="pg-link" to="/settings/web-forms">
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
            {meta.object('scoreRule') && (
              <li>
                <Link className="pg-link" to="/settings/lead-scores">
                  {t('scores.title')}
                </Link>
              </li>
            )}
            {meta.object('assignmentRule') && (
              <li>
                <Link className="pg-link" to="/settings/lead-assignment">
                  {t('assignment.title')}
                </Link>
              </li>
            )}
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
          <li>
            <Link className="pg-link" to="/settings/calendars">
              {t('calendars.title')}
            </Link>
          </li>
          {meta.object('bookingPage') && (
            <li>
              <Link className="pg-link" to="/settings/booking">
                {t('bookingPages.title')}
              </Link>
            </li>
          )}
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
      {meta.may('manageKeys') && <KeysPart />}
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
