import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { post, request } from '#ui/api.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { failureText } from '#ui/failure.ts';
import { formatDateTime, formatNumber } from '#ui/format.ts';
import { waitForJob } from '#ui/jobs/jobs.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showFailureText, showUndo } from '#ui/notify.tsx';
import { ActiveSwitch } from '#ui/settings/active-switch.tsx';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { ConditionWords } from '../catalogue/condition-words.tsx';
import { Preview } from './preview.tsx';
import classes from './retention.module.css';
import { type RetentionRule, type RetentionRun, refreshRetention, rulesQuery, runsQuery } from './retention.ts';
import { RuleForm } from './rule-form.tsx';

const RUNS_SHOWN = 5;

/** For administrators: for how long what is kept, what the rules did, and a look at what they would do before they are switched on. */
export function RetentionScreen(): ReactNode {
  const { t } = useWords();
  const rules = useQuery(rulesQuery);
  const runs = useQuery(runsQuery);
  const [editing, setEditing] = useState<RetentionRule | 'new' | null>(null);
  return (
    <SettingsFrame title={t('retention.title')} acts={<Button onClick={() => setEditing('new')}>{t('retention.new')}</Button>}>
      <p className="pg-secondary">{t('retention.lead')}</p>
      {rules.isError && <p role="alert">{failureText(rules.error)}</p>}
      {rules.data?.length === 0 && <p>{t('retention.none')}</p>}
      {rules.data?.map((rule) => (
        <OneRule
          key={rule.id}
          rule={rule}
          runs={(runs.data ?? []).filter((run) => run.rule === rule.id).slice(0, RUNS_SHOWN)}
          onEdit={() => setEditing(rule)}
        />
      ))}
      {editing && <RuleForm rule={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </SettingsFrame>
  );
}

function OneRule({ rule, runs, onEdit }: { rule: RetentionRule; runs: RetentionRun[]; onEdit: () => void }): ReactNode {
  const { t, plural, option } = useWords();
  const meta = useMeta();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const attempt = async (act: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    try {
      await act();
    } catch (failure) {
      showFailure(failure);
    }
    await refreshRetention();
    setBusy(false);
  };
  const put = async (active: boolean): Promise<void> => {
    await request('PATCH', `/retentionRules/${rule.id}`, { body: { active } });
    await refreshRetention();
  };
  const remove = (): Promise<void> =>
    attempt(async () => {
      const { cause } = await request('DELETE', `/retentionRules/${rule.id}`);
      showUndo(t('retention.removed', { name: rule.name }), cause);
    });
  const run = (): Promise<void> =>
    attempt(async () => {
      const { job } = await post<{ job: string }>('/retention/runs', { rule: rule.id });
      const ended = await waitForJob(job);
      if (ended.state === 'failed') showFailureText(ended.error ?? t('failure.unexpected'));
    });
  const object = meta.object(rule.object ?? (rule.act === 'erase' ? 'party' : ''));
  const about = object ? plural(object.key) : null;
  return (
    <SettingsPart
      title={rule.name}
      acts={
        <ActiveSwitch
          active={rule.active}
          label={t('retention.switch', { name: rule.name })}
          // Files are no secret to look at first; records are.
          onChange={(active) => (active && rule.act !== 'files' ? setAsking(true) : void attempt(() => put(active)))}
        />
      }
    >
      <p className="pg-secondary">
        {[about, option('retentionRule', 'act', rule.act), rule.act === 'erase' ? null : t('retention.after', { count: rule.days })]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {object && rule.condition !== null && <ConditionWords object={object} condition={rule.condition} />}
      <Group gap="xs">
        <Button size="compact" variant="default" onClick={onEdit}>
          {t('retention.edit')}
        </Button>
        <Button size="compact" variant="default" disabled={!rule.active} loading={busy} onClick={() => void run()}>
          {t('retention.run')}
        </Button>
        <Button size="compact" variant="subtle" color="danger" onClick={() => void remove()}>
          {t('retention.remove')}
        </Button>
      </Group>
      {runs.length > 0 && (
        <ul className={classes.runs}>
          {runs.map((one) => (
            <li key={one.id}>
              <time dateTime={one.at}>{formatDateTime(one.at)}</time>
              <span className="pg-secondary">
                {one.endedAt === null
                  ? t('retention.running')
                  : [
                      t(`retention.did.${rule.act}`, { count: one.done, n: formatNumber(one.done) }),
                      one.purged > 0 ? t('retention.purged', { count: one.purged, n: formatNumber(one.purged) }) : null,
                      one.failed > 0 ? t('retention.failed', { count: one.failed, n: formatNumber(one.failed) }) : null,
                    ]
                      .filter(Boolean)
                      .join(' · ')}
              </span>
            </li>
          ))}
        </ul>
      )}
      {asking && (
        <ConfirmDialog
          title={t('retention.switchOnTitle', { name: rule.name })}
          act={t('retention.switchOn')}
          harmless={rule.act !== 'erase'}
          size={480}
          onAct={() => put(true)}
          onClose={() => setAsking(false)}
        >
          <p>{t(rule.act === 'erase' ? 'retention.switchOnErase' : 'retention.switchOnLead')}</p>
          <Preview rule={rule} />
        </ConfirmDialog>
      )}
    </SettingsPart>
  );
}
