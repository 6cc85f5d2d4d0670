import { ActionIcon, Button, Checkbox, MultiSelect, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { viewOf } from '#ui/fields/registry.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { iconLook } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import { showUndo } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import classes from './pipelines.module.css';
import { fetchPipelines, type PlaybookStep, type Stage } from './pipelines.ts';

/** Fields by which a deal lies where it lies: a stage cannot ask for those first. */
const PLACE = ['stage', 'pipeline', 'probability', 'forecastCategory', 'closedOn'];
const FIELDS = ['forecastCategory', 'guidance', 'requiredToEnter', 'requiredToLeave', 'maxAgeDays'];

interface Line {
  key: string;
  id: string | null;
  text: string;
  detail: string;
  asks: string | null;
  required: boolean;
  makesTask: boolean;
}

const lineOf = (step: PlaybookStep): Line => ({
  key: step.id,
  id: step.id,
  text: step.text,
  detail: step.detail ?? '',
  asks: step.asks,
  required: step.required === true,
  makesTask: step.makesTask === true,
});

/** What a stage asks of its deals: guidance, what must be known, how long they may lie there, and the steps of its playbook. */
export function StageDialog({ stage, steps, onClose }: { stage: Stage; steps: readonly PlaybookStep[]; onClose: () => void }): ReactNode {
  const { t, field, option } = useWords();
  const meta = useMeta();
  const [values, setValues] = useState(() => ({
    forecastCategory: stage.forecastCategory,
    guidance: stage.guidance ?? '',
    requiredToEnter: stage.requiredToEnter ?? [],
    requiredToLeave: stage.requiredToLeave ?? [],
    maxAgeDays: stage.maxAgeDays,
  }));
  const [lines, setLines] = useState<Line[]>(() => steps.map(lineOf));
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const deal = meta.object('opportunity');
  const asked = (deal?.fields ?? [])
    .filter(
      (one) =>
        !one.readOnly && !one.hidden && !one.retired && !viewOf(one.type).derived && one.by === undefined && !PLACE.includes(one.key),
    )
    .map((one) => ({ value: one.key, label: field('opportunity', one.key) }));
  const refusal = refusalOf(failure, FIELDS);
  const set = (change: Partial<typeof values>): void => setValues((was) => ({ ...was, ...change }));
  const setLine = (at: number, change: Partial<Line>): void =>
    setLines((was) => was.map((line, i) => (i === at ? { ...line, ...change } : line)));
  const open = stage.category === 'open';
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    const kept = lines.filter((line) => line.text.trim() !== '');
    try {
      const { cause } = await request('PUT', `/stages/${stage.id}/rules`, {
        body: {
          values: { ...values, guidance: values.guidance.trim() || null },
          steps: kept.map(({ key: _, text, detail, ...line }) => ({ ...line, text: text.trim(), detail: detail.trim() || null })),
        },
      });
      onClose();
      showUndo(t('pipelines.changed', { name: stage.name }), cause);
      await fetchPipelines();
    } catch (problem) {
      setFailure(problem);
      setBusy(false);
    }
  };
  return (
    <FormDialog
      title={t('pipelines.rulesOf', { name: stage.name })}
      failure={failure === null ? null : refusal.whole}
      act={t('pipelines.saveRules')}
      waits={busy}
      size={640}
      onSubmit={submit}
      onClose={onClose}
    >
      <Textarea
        data-autofocus
        label={field('stage', 'guidance')}
        description={t('pipelines.guidanceIs')}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={4000}
        value={values.guidance}
        error={refusal.at('guidance')}
        onChange={(event) => set({ guidance: event.currentTarget.value })}
      />
      <MultiSelect
        label={field('stage', 'requiredToEnter')}
        data={asked}
        searchable
        value={values.requiredToEnter}
        error={refusal.at('requiredToEnter')}
        onChange={(requiredToEnter) => set({ requiredToEnter })}
      />
      {open && (
        <>
          <MultiSelect
            label={field('stage', 'requiredToLeave')}
            data={asked}
            searchable
            value={values.requiredToLeave}
            error={refusal.at('requiredToLeave')}
            onChange={(requiredToLeave) => set({ requiredToLeave })}
          />
          <div className={classes.pair}>
            <NumberInput
              label={field('stage', 'maxAgeDays')}
              min={1}
              max={3650}
              allowDecimal={false}
              hideControls
              value={values.maxAgeDays ?? ''}
              error={refusal.at('maxAgeDays')}
              onChange={(days) => set({ maxAgeDays: typeof days === 'number' ? days : null })}
            />
            <Select
              label={field('stage', 'forecastCategory')}
              data={['omitted', 'pipeline', 'bestCase', 'commit'].map((value) => ({
                value,
                label: option('stage', 'forecastCategory', value),
              }))}
              allowDeselect={false}
              value={values.forecastCategory}
              error={refusal.at('forecastCategory')}
              onChange={(forecastCategory) => set({ forecastCategory })}
            />
          </div>
          <fieldset className={classes.playbook}>
            <legend>{t('pipelines.playbook')}</legend>
            {lines.map((line, at) => (
              <div key={line.key} className={classes.line}>
                <div className={classes.lineTop}>
                  <TextInput
                    className={classes.grow}
                    aria-label={t('pipelines.step', { n: at + 1 })}
                    value={line.text}
                    maxLength={200}
                    onChange={(event) => setLine(at, { text: event.currentTarget.value })}
                  />
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t('pipelines.removeStep', { n: at + 1 })}
                    onClick={() => setLines((was) => was.filter((_, i) => i !== at))}
                  >
                    <IconTrash {...iconLook} />
                  </ActionIcon>
                </div>
                <div className={classes.lineMore}>
                  <Select
                    size="xs"
                    aria-label={t('pipelines.stepAsks', { n: at + 1 })}
                    placeholder={field('playbookStep', 'asks')}
                    data={asked}
                    searchable
                    clearable
                    value={line.asks}
                    onChange={(asks) => setLine(at, { asks })}
                  />
                  <Checkbox
                    size="xs"
                    label={field('playbookStep', 'required')}
                    checked={line.required}
                    onChange={(event) => setLine(at, { required: event.currentTarget.checked })}
                  />
                  <Checkbox
                    size="xs"
                    label={field('playbookStep', 'makesTask')}
                    checked={line.makesTask}
                    onChange={(event) => setLine(at, { makesTask: event.currentTarget.checked })}
                  />
                </div>
              </div>
            ))}
            <Button
              size="compact"
              variant="default"
              onClick={() =>
                setLines((was) => [
                  ...was,
                  { key: crypto.randomUUID(), id: null, text: '', detail: '', asks: null, required: false, makesTask: false },
                ])
              }
            >
              {t('pipelines.addStep')}
            </Button>
          </fieldset>
        </>
      )}
    </FormDialog>
  );
}
