import { Button, Group, Stack, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { FlowShape } from '#engine/declare/flow.ts';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { viewOf } from '#ui/fields/registry.ts';
import { companyToday, formatDateTime, formatNumber } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { useWords } from '#ui/words.ts';
import classes from './flows.module.css';
import { detailText, type Trial, useStepWords } from './flows.ts';

const DAY = 86_400_000;
const before = (day: string, days: number): string => new Date(Date.parse(day) - days * DAY).toISOString().slice(0, 10);

/** What the drawing would have done with the records of a span; nothing is written. */
export function TrialPanel({
  shape,
  trial,
  onTried,
}: {
  shape: FlowShape;
  trial: Trial | null;
  onTried: (trial: Trial) => void;
}): ReactNode {
  const { t } = useWords();
  const [to, setTo] = useState(companyToday());
  const [from, setFrom] = useState(before(companyToday(), 30));
  const [trying, setTrying] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const run = async (): Promise<void> => {
    setTrying(true);
    setFailure(null);
    try {
      // The last day counts whole.
      const until = new Date(Date.parse(to) + DAY).toISOString();
      onTried(await post<Trial>('/flows/try', { definition: shape, from: new Date(from).toISOString(), to: until }));
    } catch (problem) {
      setFailure(failureText(problem));
    }
    setTrying(false);
  };
  return (
    <Stack gap="md">
      <p className={classes.hint}>{t('flows.tryLead')}</p>
      {shape.trigger.on === 'change' && (
        <Group grow align="flex-end">
          <TextInput type="date" label={t('flows.tryFrom')} value={from} onChange={({ currentTarget }) => setFrom(currentTarget.value)} />
          <TextInput type="date" label={t('flows.tryTo')} value={to} onChange={({ currentTarget }) => setTo(currentTarget.value)} />
        </Group>
      )}
      <Group>
        <Button variant="default" loading={trying} disabled={!from || !to} onClick={() => void run()}>
          {t('flows.tryNow')}
        </Button>
      </Group>
      {failure && (
        <p role="alert" className={classes.wrong}>
          {failure}
        </p>
      )}
      {trial && <Tried shape={shape} trial={trial} />}
    </Stack>
  );
}

function Tried({ shape, trial }: { shape: FlowShape; trial: Trial }): ReactNode {
  const { t } = useWords();
  const { title, outcome } = useStepWords();
  const object = useMeta().object(shape.object);
  return (
    <section aria-label={t('flows.tried')} aria-live="polite">
      <p className={classes.strong}>{t('flows.wouldStart', { count: trial.starts, n: formatNumber(trial.starts) })}</p>
      {trial.tried < trial.starts && <p className={classes.hint}>{t('flows.triedOf', { n: formatNumber(trial.tried) })}</p>}
      {trial.since && <p className={classes.hint}>{t('flows.triedSince', { when: formatDateTime(trial.since) })}</p>}
      <ul className={classes.tried}>
        {trial.items.map((item) => (
          <li key={item.record.id}>
            <details>
              <summary>
                {item.record.name || t('record.unnamed')}
                {item.at && <span className="pg-meta"> {formatDateTime(item.at)}</span>}
              </summary>
              {object && (
                <Link className="pg-link" to="/o/$plural/$id" params={{ plural: object.plural, id: item.record.id }}>
                  {t('action.open')}
                </Link>
              )}
              <ol className={classes.did}>
                {item.steps.map((one, at) => {
                  const step = shape.steps[one.step];
                  return (
                    // Steps of one record come in their order and never move.
                    <li key={`${one.step} ${at.toString()}`}>
                      <span className={classes.strong}>{step ? title(step) : one.step}</span>
                      {one.outcome !== 'next' && <span className={classes.outcome}>{outcome(step, one.outcome)}</span>}
                      {one.outcome === 'failed' && <span className={classes.wrong}>{detailText(one.detail)}</span>}
                      <Changes changes={one.changes} />
                    </li>
                  );
                })}
              </ol>
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Changes({ changes }: { changes: Trial['items'][number]['steps'][number]['changes'] }): ReactNode {
  const { t, field: fieldWord, object: objectWord } = useWords();
  const meta = useMeta();
  return changes.map((change) => {
    const object = meta.object(change.object);
    return (
      <dl key={`${change.object} ${change.action}`} className={classes.changes}>
        {change.action === 'create' && <dt className={classes.whole}>{t('flows.wouldCreate', { object: objectWord(change.object) })}</dt>}
        {Object.entries(change.fields).map(([key, { to }]) => {
          const field = object?.fields.find((one) => one.key === key);
          const text = field && viewOf(field.type).text(to, field, change.object);
          return text ? (
            <div key={key}>
              <dt>{fieldWord(change.object, key)}</dt>
              <dd>{text}</dd>
            </div>
          ) : null;
        })}
      </dl>
    );
  });
}
