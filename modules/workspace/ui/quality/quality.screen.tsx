import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatNumber, formatPercent, formatRelative } from '#ui/format.ts';
import { waitForJob } from '#ui/jobs/jobs.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showFailureText } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './quality.module.css';
import { coursePoints, type MeasuredRule, type Quality, qualityQuery, type RestingRule } from './quality.ts';
import { RuleDialog } from './rule-dialog.tsx';

/** How good the records of an object are by the company's own rules: as a whole, by rule, by team, by source, with what to mend. */
export function QualityScreen(): ReactNode {
  const { t, plural } = useWords();
  const meta = useMeta();
  const navigate = useNavigate();
  const { object: key = 'party' } = useSearch({ strict: false });
  const object = meta.object(key);
  const query = useQuery(qualityQuery(key));
  const [open, setOpen] = useState<{ id: string | null } | null>(null);
  const [measuring, setMeasuring] = useState(false);
  const mayChange = meta.object('qualityRule')?.verbs.update === true;
  const measure = async (): Promise<void> => {
    setMeasuring(true);
    try {
      const { job } = await post<{ job: string }>('/quality/measure', { object: key });
      const ended = await waitForJob(job);
      if (ended.state === 'failed') showFailureText(ended.error ?? t('failure.unexpected'));
      await queryClient.invalidateQueries({ queryKey: ['quality'] });
    } catch (failure) {
      showFailure(failure);
    }
    setMeasuring(false);
  };
  const choices = meta.objects.filter((one) => !one.quiet && !one.retired);
  return (
    <SettingsFrame
      title={t('quality.title')}
      acts={mayChange && object && <Button onClick={() => setOpen({ id: null })}>{t('quality.newRule')}</Button>}
    >
      <div className={classes.bar}>
        <NativeSelect
          aria-label={t('quality.object')}
          value={key}
          onChange={(event) => void navigate({ to: '/quality', search: { object: event.currentTarget.value }, replace: true })}
          data={choices.map((one) => ({ value: one.key, label: plural(one.key) }))}
        />
        {query.data && !query.data.ownTeams && (
          <Button variant="default" loading={measuring} onClick={() => void measure()}>
            {t('quality.measure')}
          </Button>
        )}
        {query.data?.at && <span className="pg-secondary">{t('quality.measured', { when: formatRelative(query.data.at) })}</span>}
      </div>
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data && object && <Found object={object} quality={query.data} onRule={mayChange ? (id) => setOpen({ id }) : null} />}
      {open && object && <RuleDialog object={object} id={open.id} onClose={() => setOpen(null)} />}
    </SettingsFrame>
  );
}

function Found({ object, quality, onRule }: { object: ObjectMeta; quality: Quality; onRule: ((id: string) => void) | null }): ReactNode {
  const { t, plural } = useWords();
  const points = coursePoints(quality.course, 240, 40);
  const resting = <Resting object={object} rules={quality.resting} onRule={onRule} />;
  if (quality.rules.length === 0)
    return (
      <>
        <p className="pg-secondary">{t('quality.noRules', { objects: plural(object.key) })}</p>
        {resting}
      </>
    );
  return (
    <>
      <section className={classes.whole} aria-label={t('quality.score')}>
        <div>
          <p className={classes.score}>{quality.score === null ? '–' : formatPercent(Math.round(quality.score * 1000) / 1000)}</p>
          <p className="pg-secondary">
            {quality.at === null
              ? t('quality.never')
              : quality.ownTeams
                ? t('quality.ofOwnTeams')
                : t('quality.ofRecords', { count: quality.records, n: formatNumber(quality.records, 0) })}
          </p>
        </div>
        {points !== '' && (
          <svg className={classes.course} viewBox="-2 -2 244 44" role="img" aria-label={t('quality.course')}>
            <polyline points={points} />
          </svg>
        )}
      </section>
      <SettingsPart wide title={t('quality.rules')}>
        <ul className={classes.rows}>
          {quality.rules.map((rule) => (
            <RuleRow key={rule.id} object={object} rule={rule} onRule={onRule} />
          ))}
        </ul>
      </SettingsPart>
      {resting}
      <div className={classes.pair}>
        <Slices
          title={t('quality.byTeam')}
          rows={quality.teams.map(({ team, ...one }) => ({ key: team?.id ?? '', name: team?.name ?? t('quality.noTeam'), ...one }))}
        />
        {!quality.ownTeams && (
          <Slices
            title={t('quality.bySource')}
            rows={quality.sources.map(({ source, ...one }) => ({ key: source, name: source || t('quality.enteredHere'), ...one }))}
          />
        )}
      </div>
    </>
  );
}

/** Rules that are not measured as things stand: why, and the way to mend or remove them. */
function Resting({
  object,
  rules,
  onRule,
}: {
  object: ObjectMeta;
  rules: readonly RestingRule[];
  onRule: ((id: string) => void) | null;
}): ReactNode {
  const { t, field: fieldWord } = useWords();
  if (rules.length === 0) return null;
  const why = ({ reason, field }: RestingRule): string => {
    const [key = ''] = field?.split('.') ?? [];
    if (key === '') return t('quality.rest.broken');
    const known = object.fields.some((one) => one.key === key);
    return t(`quality.rest.${reason}`, { field: known ? fieldWord(object.key, key) : (field ?? '') });
  };
  return (
    <SettingsPart wide title={t('quality.resting')}>
      <p className="pg-secondary">{t('quality.restingLead')}</p>
      <ul className={classes.rows}>
        {rules.map((rule) => (
          <li key={rule.id}>
            <span className={classes.grow}>
              <span className={classes.strong}>{rule.name}</span>
              <span className={classes.quiet}>{why(rule)}</span>
            </span>
            {onRule && rule.reason !== 'building' && (
              <Button
                size="compact"
                variant="default"
                aria-label={t('quality.mendRuleNamed', { name: rule.name })}
                onClick={() => onRule(rule.id)}
              >
                {t('quality.mendRule')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </SettingsPart>
  );
}

function RuleRow({ object, rule, onRule }: { object: ObjectMeta; rule: MeasuredRule; onRule: ((id: string) => void) | null }): ReactNode {
  const { t, option } = useWords();
  const name = rule.name ?? t('quality.duplicates');
  const share = rule.applies > 0 ? (rule.applies - rule.bad) / rule.applies : null;
  const bad = t('quality.toMend', { count: rule.bad, n: formatNumber(rule.bad, 0) });
  return (
    <li>
      <span className={classes.grow}>
        {onRule && rule.where ? (
          <button type="button" className={classes.name} onClick={() => onRule(rule.id)}>
            {name}
          </button>
        ) : (
          <span className={classes.strong}>{name}</span>
        )}
        <span className={classes.quiet}>
          {rule.dimension === 'uniqueness' ? t('quality.uniqueness') : option('qualityRule', 'dimension', rule.dimension)}
          {rule.weight > 1 && ` · ${t('quality.weighs', { n: rule.weight })}`}
        </span>
      </span>
      <Share share={share} />
      <span className={classes.mend}>
        {rule.bad === 0 ? (
          <span className="pg-secondary">{share === null ? t('quality.unmeasured') : t('quality.allGood')}</span>
        ) : rule.where ? (
          <Link className="pg-link" to="/o/$plural" params={{ plural: object.plural }} search={{ where: rule.where }}>
            {bad}
          </Link>
        ) : (
          <Link className="pg-link" to="/duplicates" search={{ object: object.key }}>
            {bad}
          </Link>
        )}
      </span>
    </li>
  );
}

function Slices({
  title,
  rows,
}: {
  title: string;
  rows: readonly { key: string; name: string; score: number | null; bad: number }[];
}): ReactNode {
  if (rows.length === 0) return null;
  const worstFirst = [...rows].sort((a, b) => (a.score ?? 2) - (b.score ?? 2));
  return (
    <SettingsPart title={title}>
      <ul className={classes.rows}>
        {worstFirst.map((row) => (
          <li key={row.key}>
            <span className={classes.grow}>{row.name}</span>
            <Share share={row.score} />
          </li>
        ))}
      </ul>
    </SettingsPart>
  );
}

/** A share as a bar with its number. */
function Share({ share }: { share: number | null }): ReactNode {
  if (share === null) return <span className={classes.share} />;
  return (
    <span className={classes.share}>
      <span className={classes.track} aria-hidden>
        <span style={{ inlineSize: `${share * 100}%` }} />
      </span>
      <span className={classes.percent}>{formatPercent(Math.floor(share * 1000) / 1000)}</span>
    </span>
  );
}
