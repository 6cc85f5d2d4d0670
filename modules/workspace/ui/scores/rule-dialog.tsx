import { Button, Group, NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { useMeta } from '#ui/meta.ts';
import { showUndo } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import { ConditionInput } from '../catalogue/condition-input.tsx';
import { type Draft, Preview } from './preview.tsx';
import classes from './scores.module.css';
import { refreshScores, type ScoreRule } from './scores.ts';

/** A reason for a score is made or changed, and tried out on the open leads before it counts. */
export function RuleDialog({
  rule,
  kind: begun,
  onClose,
}: {
  rule: ScoreRule | null;
  kind: ScoreRule['kind'];
  onClose: () => void;
}): ReactNode {
  const { t, option } = useWords();
  const meta = useMeta();
  const [name, setName] = useState(rule?.name ?? '');
  const [kind, setKind] = useState<ScoreRule['kind']>(rule?.kind ?? begun);
  const [condition, setCondition] = useState<unknown>(rule?.condition ?? undefined);
  const [points, setPoints] = useState<number | string>(rule?.points ?? 10);
  const [most, setMost] = useState<number | string>(rule?.most ?? 5);
  const [halfLifeDays, setHalfLifeDays] = useState<number | string>(rule?.halfLifeDays ?? 14);
  const [shown, setShown] = useState<Draft | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, ['name', 'condition', 'points', 'most', 'halfLifeDays']);
  const about = meta.object(kind === 'fit' ? 'lead' : 'interaction');
  const number = (value: number | string): number | null => (typeof value === 'number' ? value : null);
  const values = {
    name: name.trim(),
    kind,
    condition: condition ?? null,
    points: number(points),
    most: number(most),
    halfLifeDays: number(halfLifeDays),
  };
  const done = async (said: string, cause: string | null): Promise<void> => {
    await refreshScores();
    showUndo(said, cause);
    onClose();
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const { cause } = await request(rule ? 'PATCH' : 'POST', rule ? `/scoreRules/${rule.id}` : '/scoreRules', { body: values });
      await done(t('scores.saved', { name: values.name }), cause);
    } catch (refused) {
      setFailure(refused);
    }
  };
  const remove = async (): Promise<void> => {
    try {
      const { cause } = await request('DELETE', `/scoreRules/${rule?.id}`);
      await done(t('scores.removed', { name: rule?.name ?? '' }), cause);
    } catch (refused) {
      setFailure(refused);
    }
  };
  const complete = values.condition !== null && values.points !== null && values.most !== null && values.halfLifeDays !== null;
  return (
    <FormDialog
      title={t(rule === null ? 'scores.new' : 'scores.change')}
      failure={refusal.whole}
      act={t('scores.save')}
      aside={
        rule && (
          <Button variant="subtle" color="danger" onClick={() => void remove()}>
            {t('scores.remove')}
          </Button>
        )
      }
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('scores.name')}
        description={t('scores.nameHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={refusal.at('name')}
        maxLength={120}
        data-autofocus
      />
      <SegmentedControl
        aria-label={t('scores.kind')}
        value={kind}
        onChange={(next) => {
          setKind(next === 'engagement' ? 'engagement' : 'fit');
          setCondition(undefined);
          setShown(null);
        }}
        data={(['fit', 'engagement'] as const).map((key) => ({ value: key, label: option('scoreRule', 'kind', key) }))}
      />
      {about && (
        <ConditionInput
          key={kind}
          object={about}
          label={t(kind === 'fit' ? 'scores.whenLead' : 'scores.whenTouch')}
          empty={t('scores.chooseCondition')}
          value={condition}
          onChange={setCondition}
          error={refusal.at('condition')}
          counts
        />
      )}
      <Group grow align="flex-start">
        <NumberInput
          label={t('scores.points')}
          value={points}
          onChange={setPoints}
          min={-100}
          max={100}
          allowDecimal={false}
          error={refusal.at('points')}
        />
        {kind === 'engagement' && (
          <NumberInput
            label={t('scores.most')}
            value={most}
            onChange={setMost}
            min={1}
            max={50}
            allowDecimal={false}
            error={refusal.at('most')}
          />
        )}
        {kind === 'engagement' && (
          <NumberInput
            label={t('scores.halfLife')}
            value={halfLifeDays}
            onChange={setHalfLifeDays}
            min={1}
            max={365}
            allowDecimal={false}
            error={refusal.at('halfLifeDays')}
          />
        )}
      </Group>
      {kind === 'engagement' && <p className={classes.hint}>{t('scores.fades')}</p>}
      <div>
        <Button
          variant="default"
          disabled={!complete}
          onClick={() => setShown({ ...values, id: rule?.id ?? null, active: true, points: Number(points) })}
        >
          {t('scores.preview')}
        </Button>
      </div>
      {shown && <Preview rule={shown} grades={null} />}
    </FormDialog>
  );
}
