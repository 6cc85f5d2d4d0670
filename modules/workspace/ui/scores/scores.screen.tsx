import { Button, NumberInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { refusalOf } from '#ui/form/refusal.ts';
import { formatNumber, formatSigned } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showDone, showFailure, showUndo } from '#ui/notify.tsx';
import { ActiveSwitch } from '#ui/settings/active-switch.tsx';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { ConditionText, RuleWords, ruleRows } from '../rule-rows.tsx';
import { Preview } from './preview.tsx';
import { RuleDialog } from './rule-dialog.tsx';
import classes from './scores.module.css';
import { type Counts, GRADES, gradesQuery, refreshScores, rulesQuery, type ScoreRule, type Thresholds } from './scores.ts';

/** What makes a lead promising: the reasons with their points, and from how many on it is an A. */
export function ScoresScreen(): ReactNode {
  const { t } = useWords();
  const may = useMeta().object('scoreRule')?.verbs.update === true;
  const rules = useQuery(rulesQuery);
  const grades = useQuery(gradesQuery);
  const [open, setOpen] = useState<{ rule: ScoreRule | null; kind: ScoreRule['kind'] } | null>(null);
  const failure = rules.error ?? grades.error;
  return (
    <SettingsFrame
      title={t('scores.title')}
      acts={may && <Button onClick={() => setOpen({ rule: null, kind: 'fit' })}>{t('scores.new')}</Button>}
    >
      {failure && <p role="alert">{failureText(failure)}</p>}
      {rules.data &&
        (['fit', 'engagement'] as const).map((kind) => (
          <SettingsPart key={kind} title={t(`scores.${kind}`)}>
            <p className="pg-secondary">{t(`scores.${kind}Is`)}</p>
            <ul className={ruleRows}>
              {rules.data
                .filter((rule) => rule.kind === kind)
                .map((rule) => (
                  <RuleRow key={rule.id} rule={rule} onOpen={may ? () => setOpen({ rule, kind }) : null} />
                ))}
            </ul>
          </SettingsPart>
        ))}
      {grades.data && <Grades grades={grades.data.grades} leads={grades.data.leads} may={may} />}
      {open && <RuleDialog rule={open.rule} kind={open.kind} onClose={() => setOpen(null)} />}
    </SettingsFrame>
  );
}

function RuleRow({ rule, onOpen }: { rule: ScoreRule; onOpen: (() => void) | null }): ReactNode {
  const { t } = useWords();
  const about = useMeta().object(rule.kind === 'fit' ? 'lead' : 'interaction');
  const toggle = async (active: boolean): Promise<void> => {
    try {
      const { cause } = await request('PATCH', `/scoreRules/${rule.id}`, { body: { active } });
      showUndo(t(active ? 'scores.counts' : 'scores.countsNot', { name: rule.name }), cause);
    } catch (failure) {
      showFailure(failure);
    }
    await refreshScores();
  };
  return (
    <li>
      <span className={classes.points}>{formatSigned(rule.points)}</span>
      <RuleWords name={rule.name} onOpen={onOpen}>
        {about && <ConditionText object={about} condition={rule.condition} />}
        {rule.kind === 'engagement' &&
          ` · ${t('scores.fading', { most: formatNumber(rule.most ?? 5, 0), count: rule.halfLifeDays ?? 14, n: formatNumber(rule.halfLifeDays ?? 14, 0) })}`}
      </RuleWords>
      {onOpen && <ActiveSwitch active={rule.active} label={rule.name} onChange={(active) => void toggle(active)} />}
    </li>
  );
}

/** From how many points on a lead has which grade, with how many have it now. */
function Grades({ grades, leads, may }: { grades: Thresholds; leads: Counts; may: boolean }): ReactNode {
  const { t } = useWords();
  const [next, setNext] = useState<Thresholds>(grades);
  const [shown, setShown] = useState<Thresholds | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, ['A', 'B', 'C']);
  const changed = (['A', 'B', 'C'] as const).some((grade) => next[grade] !== grades[grade]);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      await request('PUT', '/lead-grades', { body: next });
      showDone(t('scores.gradesSaved'));
      await refreshScores();
    } catch (refused) {
      setFailure(refused);
    }
  };
  return (
    <SettingsPart title={t('scores.grades')}>
      <p className="pg-secondary">{t('scores.gradesIs')}</p>
      <p className={classes.counts}>
        {GRADES.map((grade) => (
          <span key={grade}>{t('scores.have', { grade, count: leads[grade], n: formatNumber(leads[grade], 0) })}</span>
        ))}
      </p>
      {may && (
        <form onSubmit={(event) => void submit(event)} noValidate>
          <div className={classes.thresholds}>
            {(['A', 'B', 'C'] as const).map((grade) => (
              <NumberInput
                key={grade}
                label={t('scores.from', { grade })}
                value={next[grade]}
                onChange={(value) => typeof value === 'number' && setNext({ ...next, [grade]: value })}
                min={1}
                max={100}
                allowDecimal={false}
                error={refusal.at(grade)}
              />
            ))}
          </div>
          {refusal.whole && <p role="alert">{refusal.whole}</p>}
          <div className={classes.acts}>
            <Button variant="default" disabled={!changed} onClick={() => setShown(next)}>
              {t('scores.preview')}
            </Button>
            <Button type="submit" variant="default" disabled={!changed}>
              {t('scores.saveGrades')}
            </Button>
          </div>
        </form>
      )}
      {shown && changed && <Preview rule={null} grades={shown} />}
    </SettingsPart>
  );
}
