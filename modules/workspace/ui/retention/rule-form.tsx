import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { useMeta } from '#ui/meta.ts';
import { showUndo } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import { ConditionInput } from '../catalogue/condition-input.tsx';
import { Preview } from './preview.tsx';
import { ACTS, type RetentionRule, refreshRetention } from './retention.ts';

/** A rule is made or changed; what it would do is seen before it is switched on. */
export function RuleForm({ rule, onClose }: { rule: RetentionRule | null; onClose: () => void }): ReactNode {
  const { t, plural, option } = useWords();
  const meta = useMeta();
  const [name, setName] = useState(rule?.name ?? '');
  const [act, setAct] = useState<RetentionRule['act']>(rule?.act ?? 'delete');
  const [object, setObject] = useState(rule?.object ?? 'party');
  const [condition, setCondition] = useState<unknown>(rule?.condition ?? undefined);
  const [days, setDays] = useState<number | string>(rule?.days ?? 30);
  const [shown, setShown] = useState<Pick<RetentionRule, 'act' | 'object' | 'condition'> | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, ['name', 'object', 'condition', 'days']);
  const about = meta.object(act === 'erase' ? 'party' : object);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    const values = {
      name: name.trim(),
      act,
      object: act === 'files' ? null : (about?.key ?? null),
      condition: act === 'files' ? null : (condition ?? null),
      days: typeof days === 'number' ? days : null,
    };
    try {
      const { cause } = await request(rule ? 'PATCH' : 'POST', rule ? `/retentionRules/${rule.id}` : '/retentionRules', { body: values });
      await refreshRetention();
      showUndo(t('retention.saved', { name: values.name }), cause);
      onClose();
    } catch (refused) {
      setFailure(refused);
    }
  };
  return (
    <FormDialog
      title={rule?.name ?? t('retention.new')}
      failure={refusal.whole}
      act={t('retention.save')}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('retention.name')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={refusal.at('name')}
        maxLength={120}
        required
        withAsterisk={false}
        data-autofocus
      />
      <Select
        label={t('retention.act')}
        value={act}
        onChange={(next) => {
          setAct(ACTS.find((one) => one === next) ?? 'delete');
          setShown(null);
        }}
        data={ACTS.map((key) => ({ value: key, label: option('retentionRule', 'act', key) }))}
        allowDeselect={false}
      />
      {act === 'delete' && (
        <Select
          label={t('retention.object')}
          value={object}
          onChange={(next) => {
            setObject(next ?? 'party');
            setCondition(undefined);
            setShown(null);
          }}
          data={meta.objects.filter((one) => one.key === 'party' || one.party).map((one) => ({ value: one.key, label: plural(one.key) }))}
          allowDeselect={false}
          error={refusal.at('object')}
          searchable
        />
      )}
      {act !== 'files' && about && (
        <ConditionInput
          key={about.key}
          object={about}
          label={t('retention.which')}
          empty={t('retention.whichEmpty')}
          value={condition}
          onChange={(next) => {
            setCondition(next);
            setShown(null);
          }}
          error={refusal.at('condition')}
          counts
        />
      )}
      {act !== 'erase' && (
        <NumberInput
          label={t(`retention.days.${act}`)}
          value={days}
          onChange={setDays}
          min={1}
          max={3650}
          allowDecimal={false}
          error={refusal.at('days')}
        />
      )}
      {act !== 'files' && condition !== undefined && condition !== null && about && (
        <div>
          <Button size="compact" variant="default" onClick={() => setShown({ act, object: about.key, condition })}>
            {t('retention.preview')}
          </Button>
          {shown && <Preview rule={shown} />}
        </div>
      )}
    </FormDialog>
  );
}
