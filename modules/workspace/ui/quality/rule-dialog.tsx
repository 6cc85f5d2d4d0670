import { Button, Group, Modal, NumberInput, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { get, request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { showUndo } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { ConditionInput } from '../catalogue/condition-input.tsx';
import { dimensions, type QualityRule } from './quality.ts';

/** A rule is made or changed: what records it is about, and what a good one meets. */
export function RuleDialog({ object, id, onClose }: { object: ObjectMeta; id: string | null; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const held = useQuery({
    queryKey: ['quality', 'rule', id],
    queryFn: ({ signal }) => get<QualityRule>(`/qualityRules/${id}`, {}, signal),
    enabled: id !== null,
  });
  if (held.isError)
    return (
      <Modal opened onClose={onClose} title={t('quality.changeRule')} size={520} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <p role="alert">{failureText(held.error)}</p>
      </Modal>
    );
  return (id === null || held.data) && <RuleForm object={object} rule={held.data ?? null} onClose={onClose} />;
}

function RuleForm({ object, rule, onClose }: { object: ObjectMeta; rule: QualityRule | null; onClose: () => void }): ReactNode {
  const { t, option } = useWords();
  const [name, setName] = useState(rule?.name ?? '');
  const [dimension, setDimension] = useState<string>(rule?.dimension ?? 'completeness');
  const [applies, setApplies] = useState<unknown>(rule?.applies ?? undefined);
  const [good, setGood] = useState<unknown>(rule?.good ?? undefined);
  const [weight, setWeight] = useState<number>(rule?.weight ?? 1);
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, ['name', 'applies', 'good', 'weight']);
  const done = async (said: string, cause: string | null): Promise<void> => {
    await queryClient.invalidateQueries({ queryKey: ['quality'] });
    showUndo(said, cause);
    onClose();
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    const values = { name: name.trim(), dimension, applies: applies ?? null, good: good ?? null, weight };
    try {
      const { cause } = rule
        ? await request('PATCH', `/qualityRules/${rule.id}`, { body: values })
        : await request('POST', '/qualityRules', { body: { ...values, object: object.key } });
      await done(t('quality.ruleSaved', { name: values.name }), cause);
    } catch (refused) {
      setFailure(refused);
    }
  };
  const remove = async (): Promise<void> => {
    try {
      const { cause } = await request('DELETE', `/qualityRules/${rule?.id}`);
      await done(t('quality.ruleRemoved', { name: rule?.name ?? '' }), cause);
    } catch (refused) {
      setFailure(refused);
    }
  };
  return (
    <FormDialog
      title={t(rule === null ? 'quality.newRule' : 'quality.changeRule')}
      failure={refusal.whole}
      act={t('quality.saveRule')}
      aside={
        rule && (
          <Button variant="subtle" color="danger" onClick={() => void remove()}>
            {t('quality.removeRule')}
          </Button>
        )
      }
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('quality.ruleName')}
        description={t('quality.ruleNameHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={refusal.at('name')}
        maxLength={120}
        data-autofocus
      />
      <ConditionInput
        object={object}
        label={t('quality.good')}
        empty={t('quality.goodEmpty')}
        value={good}
        onChange={setGood}
        error={refusal.at('good')}
        counts
      />
      <ConditionInput
        object={object}
        label={t('quality.applies')}
        empty={t('quality.appliesEmpty')}
        value={applies}
        onChange={setApplies}
        error={refusal.at('applies')}
        counts
      />
      <Group grow align="flex-start">
        <Select
          label={t('quality.dimension')}
          value={dimension}
          onChange={(next) => next && setDimension(next)}
          data={dimensions.map((key) => ({ value: key, label: option('qualityRule', 'dimension', key) }))}
          allowDeselect={false}
        />
        <NumberInput
          label={t('quality.weight')}
          value={weight}
          onChange={(next) => typeof next === 'number' && setWeight(next)}
          min={1}
          max={10}
          allowDecimal={false}
          error={refusal.at('weight')}
        />
      </Group>
    </FormDialog>
  );
}
