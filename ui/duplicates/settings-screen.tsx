import { Button, Group, NativeSelect } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useId, useState } from 'react';
import { get, request } from '../api.ts';
import { failureText } from '../failure.ts';
import { formatNumber, formatPercent } from '../format.ts';
import { TextLink } from '../links.tsx';
import { showDone, showFailure } from '../notify.tsx';
import { queryClient } from '../query-client.ts';
import { SettingsFrame, SettingsPart } from '../settings/settings-frame.tsx';
import { Tip } from '../tip.tsx';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { lookThroughAll } from './duplicates.ts';
import classes from './settings-screen.module.css';
import { pairsFrom, strengthOf } from './strength.ts';

interface Level {
  level: string;
  m: number;
  u: number;
  bits: number;
}

interface Question {
  field: string;
  question: string;
  levels: Level[];
}

interface Comparison {
  threshold: number;
  typing: number;
  least: number;
  pairs: { percent: number; count: number }[];
  variants: { variant: string | null; learnt: boolean; questions: Question[] }[];
}

function comparisonQuery(object: ObjectMeta) {
  return queryOptions({
    queryKey: ['duplicates', object.key, 'settings'],
    queryFn: ({ signal }) => get<Comparison>('/duplicates/settings', { object: object.key }, signal),
  });
}

interface Props {
  object: ObjectMeta;
  /** Every object whose records are compared. */
  objects: readonly ObjectMeta[];
  onObject: (key: string) => void;
}

/** How records are compared: from how likely on pairs are shown, and what every answer weighs, in plain words. */
export function ComparisonScreen({ object, objects, onObject }: Props): ReactNode {
  const { t, plural, option, inSentence } = useWords();
  const query = useQuery(comparisonQuery(object));
  return (
    <SettingsFrame title={t('identity.title')}>
      {objects.length > 1 && (
        <NativeSelect
          aria-label={t('identity.object')}
          value={object.key}
          onChange={(event) => onObject(event.currentTarget.value)}
          data={objects.map((one) => ({ value: one.key, label: plural(one.key) }))}
        />
      )}
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data && (
        <>
          <Thresholds key={`${query.data.threshold} ${query.data.typing}`} object={object} settings={query.data} />
          <SettingsPart wide title={t('identity.weights')}>
            <p className="pg-secondary">{t('identity.weightsLead')}</p>
            {object.comparesAll && (
              <Button size="compact" variant="default" onClick={() => void lookThroughAll(object)}>
                {t('identity.learn', { objects: inSentence(plural(object.key)) })}
              </Button>
            )}
            {query.data.variants.map(({ variant, learnt, questions }) => (
              <div key={variant ?? ''} className={classes.variant}>
                <h3>
                  {variant && object.variants ? option(object.key, object.variants.field, variant) : plural(object.key)}
                  <span className="pg-secondary">{t(learnt ? 'identity.learnt' : 'identity.experience')}</span>
                </h3>
                <Weights object={object} questions={questions} />
              </div>
            ))}
          </SettingsPart>
          <SettingsPart title={t('identity.merged')}>
            <p className="pg-secondary">{t('identity.mergedLead')}</p>
            <Link className="pg-link" to="/history" search={{ kind: 'merge', object: object.key }}>
              {t('identity.merges')}
            </Link>
          </SettingsPart>
        </>
      )}
    </SettingsFrame>
  );
}

function Thresholds({ object, settings }: { object: ObjectMeta; settings: Comparison }): ReactNode {
  const { t } = useWords();
  const [shown, setShown] = useState(Math.round(settings.threshold * 100));
  const [typing, setTyping] = useState(Math.round(settings.typing * 100));
  const [saving, setSaving] = useState(false);
  const least = Math.round(settings.least * 100);
  const changed = shown !== Math.round(settings.threshold * 100) || typing !== Math.round(settings.typing * 100);
  const count = pairsFrom(settings.pairs, shown);
  const save = async (): Promise<void> => {
    setSaving(true);
    try {
      await request('PATCH', '/duplicates/settings', { body: { object: object.key, threshold: shown / 100, typing: typing / 100 } });
      await queryClient.invalidateQueries({ queryKey: ['duplicates'] });
      showDone(t('identity.saved'));
    } catch (failure) {
      showFailure(failure);
    }
    setSaving(false);
  };
  return (
    <SettingsPart title={t('identity.thresholds')}>
      <Threshold label={t('identity.shown')} hint={t('identity.shownHint')} value={shown} least={least} onChange={setShown}>
        <output aria-live="polite">{t('identity.preview', { count, n: formatNumber(count, 0) })}</output>
        {' · '}
        <TextLink className="pg-link" to="/duplicates" search={{ object: object.key }}>
          {t('identity.queue')}
        </TextLink>
      </Threshold>
      <Threshold label={t('identity.typing')} hint={t('identity.typingHint')} value={typing} least={least} onChange={setTyping} />
      <Group gap="xs">
        <Button disabled={!changed} loading={saving} onClick={() => void save()}>
          {t('action.save')}
        </Button>
      </Group>
      <p className={`${classes.least} pg-secondary`}>{t('identity.least', { percent: formatPercent(settings.least) })}</p>
    </SettingsPart>
  );
}

function Threshold(props: {
  label: string;
  hint: string;
  value: number;
  least: number;
  onChange: (value: number) => void;
  children?: ReactNode;
}): ReactNode {
  const { label, hint, value, least, onChange, children } = props;
  const id = useId();
  return (
    <div className={classes.threshold}>
      <label htmlFor={id}>{label}</label>
      <p className="pg-secondary" id={`${id}-hint`}>
        {hint}
      </p>
      <div className={classes.slide}>
        <input
          id={id}
          type="range"
          min={least}
          max={99}
          value={value}
          aria-describedby={`${id}-hint`}
          aria-valuetext={formatPercent(value / 100)}
          onChange={(event) => onChange(Number(event.currentTarget.value))}
        />
        <span className={classes.percent} aria-hidden>
          {formatPercent(value / 100)}
        </span>
      </div>
      {children && <p>{children}</p>}
    </div>
  );
}

function Weights({ object, questions }: { object: ObjectMeta; questions: readonly Question[] }): ReactNode {
  const { t, has, field: fieldWord } = useWords();
  return (
    <table className={classes.weights}>
      <thead>
        <tr>
          <th scope="col">{t('identity.answer')}</th>
          <th scope="col">{t('identity.says')}</th>
          <th scope="col">{t('identity.same')}</th>
          <th scope="col">{t('identity.others')}</th>
        </tr>
      </thead>
      <tbody>
        {questions.flatMap(({ field, question, levels }) =>
          levels.map(({ level, m, u, bits }) => {
            const reason = `duplicate.reason.${question}.${level}`;
            const values = { field: fieldWord(object.key, field) };
            const strength = strengthOf(bits);
            return (
              <tr key={`${field} ${question} ${level}`} data-first={level === levels[0]?.level || undefined}>
                <th scope="row">{has(reason) ? t(reason, values) : t(`identity.differ.${question}`, values)}</th>
                <td data-strength={strength}>
                  <Tip label={t('identity.bits', { n: formatNumber(bits, 1) })}>
                    <span>{t(`identity.strength.${strength}`)}</span>
                  </Tip>
                </td>
                <td className={classes.share}>{share(m)}</td>
                <td className={classes.share}>{share(u)}</td>
              </tr>
            );
          }),
        )}
      </tbody>
    </table>
  );
}

/** A share that is never told as none at all: the model holds nothing to be impossible. */
const share = (value: number): string => (value < 0.0001 ? `< ${formatPercent(0.0001)}` : formatPercent(value));
