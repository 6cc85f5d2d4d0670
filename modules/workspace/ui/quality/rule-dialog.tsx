import { Alert, Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, get, request } from '#ui/api.ts';
import { failureText, problemText } from '#ui/failure.ts';
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
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(id === null ? 'quality.newRule' : 'quality.changeRule')}
      size={520}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {held.isError && <p role="alert">{failureText(held.error)}</p>}
      {(id === null || held.data) && <RuleForm object={object} rule={held.data ?? null} onClose={onClose} />}
    </Modal>
  );
}

function RuleForm({ object, rule, onClose }: { object: ObjectMeta; rule: QualityRule | null; onClose: () => void }): ReactNode {
  const { t, option } = useWords();
  const [name, setName] = useState(rule?.name ?? '');
  const [dimension, setDimension] = useState<string>(rule?.dimension ?? 'completeness');
  const [applies, setApplies] = useState<unknown>(rule?.applies ?? undefined);
  const [good, setGood] = useState<unknown>(rule?.good ?? undefined);
  const [weight, setWeight] = useState<number>(rule?.weight ?? 1);
  const [failure, setFailure] = useState<unknown>(null);
  const problem = (path: string): string | undefined => {
    const found = failure instanceof ApiError ? failure.errors.find((one) => one.path.split('.')[0] === path) : undefined;
    return found && problemText(found);
  };
  const general = failure !== null && !['name', 'applies', 'good', 'weight'].some(problem);
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
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        {general && (
          <Alert color="danger" variant="light" role="alert">
            {failureText(failure)}
          </Alert>
        )}
        <TextInput
          label={t('quality.ruleName')}
          description={t('quality.ruleNameHint')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={problem('name')}
          maxLength={120}
          data-autofocus
        />
        <ConditionInput
          object={object}
          label={t('quality.good')}
          empty={t('quality.goodEmpty')}
          value={good}
          onChange={setGood}
          error={problem('good')}
          counts
        />
        <ConditionInput
          object={object}
          label={t('quality.applies')}
          empty={t('quality.appliesEmpty')}
          value={applies}
          onChange={setApplies}
          error={problem('applies')}
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
            error={problem('weight')}
          />
        </Group>
        <Group justify="space-between">
          <div>
            {rule && (
              <Button variant="subtle" color="danger" onClick={() => void remove()}>
                {t('quality.removeRule')}
              </Button>
            )}
          </div>
          <Group gap="sm">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit">{t('quality.saveRule')}</Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
