import { ActionIcon, Button, NumberInput, Select, TextInput, Tooltip } from '@mantine/core';
import { IconAdjustments, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { MovableRow, reordered } from '#ui/form/movable-row.tsx';
import { formatNumber } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { NewPipelineDialog } from './new-pipeline-dialog.tsx';
import classes from './pipelines.module.css';
import {
  dealsQuery,
  fetchPipelines,
  type Pipeline,
  type PlaybookStep,
  pipelinesQuery,
  placeForNew,
  places,
  playbookQuery,
  type Stage,
  stagesQuery,
  writeStages,
} from './pipelines.ts';
import { RemoveStageDialog } from './remove-stage-dialog.tsx';
import { StageDialog } from './stage-dialog.tsx';

/** Writes, says what was done with the way back, and shows what stands then, also after a refusal. */
async function act(said: string, work: () => Promise<{ cause: string | null }>): Promise<void> {
  try {
    const { cause } = await work();
    showUndo(said, cause);
  } catch (failure) {
    showFailure(failure);
  }
  await fetchPipelines();
}

/** The ways of selling: each pipeline with its stages, their order, meaning and probability. */
export function PipelinesScreen(): ReactNode {
  const { t, plural } = useWords();
  const may = useMeta().object('stage')?.verbs.update === true;
  const pipelines = useQuery(pipelinesQuery);
  const stages = useQuery(stagesQuery);
  const deals = useQuery(dealsQuery);
  const playbook = useQuery(playbookQuery);
  const [making, setMaking] = useState(false);
  const failure = pipelines.error ?? stages.error;
  return (
    <SettingsFrame title={t('pipelines.title')} acts={may && <Button onClick={() => setMaking(true)}>{t('pipelines.new')}</Button>}>
      {failure && <p role="alert">{failureText(failure)}</p>}
      {pipelines.data &&
        stages.data &&
        pipelines.data.map((pipeline) => (
          <PipelinePart
            key={pipeline.id}
            pipeline={pipeline}
            stages={stages.data.filter((stage) => stage.pipeline.id === pipeline.id)}
            deals={deals.data}
            playbook={playbook.data ?? []}
            may={may}
          />
        ))}
      <p className="pg-secondary">
        <Link className="pg-link" to="/o/$plural" params={{ plural: 'closeReasons' }}>
          {plural('closeReason')}
        </Link>
        {' · '}
        <Link className="pg-link" to="/o/$plural" params={{ plural: 'competitors' }}>
          {plural('competitor')}
        </Link>
      </p>
      {making && pipelines.data && <NewPipelineDialog pipelines={pipelines.data} onClose={() => setMaking(false)} />}
    </SettingsFrame>
  );
}

function PipelinePart({
  pipeline,
  stages,
  deals,
  playbook,
  may,
}: {
  pipeline: Pipeline;
  stages: readonly Stage[];
  deals: ReadonlyMap<string, number> | undefined;
  playbook: readonly PlaybookStep[];
  may: boolean;
}): ReactNode {
  const { t } = useWords();
  const [ruling, setRuling] = useState<Stage | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const [adding, setAdding] = useState('');
  const [removing, setRemoving] = useState<Stage | null>(null);
  const lying = stages.reduce((sum, stage) => sum + (deals?.get(stage.id) ?? 0), 0);
  const move = async (from: number, to: number): Promise<void> => {
    const next = reordered(stages, from, to);
    // Shown at once; the answer brings what stands.
    queryClient.setQueryData(stagesQuery.queryKey, (held) =>
      held
        ?.map((stage) => {
          const at = next.findIndex((one) => one.id === stage.id);
          return at === -1 ? stage : { ...stage, position: at + 1 };
        })
        .sort((a, b) => a.position - b.position),
    );
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLInputElement>('input[data-name]')[to]?.focus());
    await act(t('pipelines.ordered', { name: pipeline.name }), () => writeStages(places(next)));
  };
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const name = adding.trim();
    if (name === '') return;
    const at = placeForNew(stages);
    setAdding('');
    await act(t('pipelines.added', { name }), () =>
      writeStages([
        { op: 'create', values: { name, pipeline: pipeline.id, position: at + 1 } },
        ...stages.slice(at).map((stage, i) => ({ op: 'update', id: stage.id, values: { position: at + 2 + i } })),
      ]),
    );
  };
  const remove = (stage: Stage): void => {
    if ((deals?.get(stage.id) ?? 0) > 0) setRemoving(stage);
    else void act(t('pipelines.removed', { name: stage.name }), () => request('DELETE', `/stages/${stage.id}`));
  };
  return (
    <SettingsPart aria-label={pipeline.name}>
      <div className={classes.head}>
        <Written
          label={t('pipelines.name')}
          value={pipeline.name}
          disabled={!may}
          strong
          onSave={(name) => act(t('pipelines.renamed', { name }), () => request('PATCH', `/pipelines/${pipeline.id}`, { body: { name } }))}
        />
        {pipeline.isDefault ? (
          <span className={classes.mark}>{t('pipelines.default')}</span>
        ) : (
          may && (
            <>
              <Button
                size="compact"
                variant="subtle"
                color="gray"
                onClick={() =>
                  void act(t('pipelines.madeDefault', { name: pipeline.name }), () =>
                    request('PATCH', `/pipelines/${pipeline.id}`, { body: { isDefault: true } }),
                  )
                }
              >
                {t('pipelines.makeDefault')}
              </Button>
              <Tooltip label={lying > 0 ? t('pipelines.holdsDeals') : t('pipelines.remove', { name: pipeline.name })}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('pipelines.remove', { name: pipeline.name })}
                  disabled={lying > 0}
                  onClick={() =>
                    void act(t('pipelines.removed', { name: pipeline.name }), () => request('DELETE', `/pipelines/${pipeline.id}`))
                  }
                >
                  <IconTrash {...iconLook} />
                </ActionIcon>
              </Tooltip>
            </>
          )
        )}
      </div>
      <ul className={classes.stages} ref={list}>
        {stages.map((stage, at) => (
          <StageRow
            key={stage.id}
            stage={stage}
            at={at}
            last={at === stages.length - 1}
            deals={deals?.get(stage.id) ?? 0}
            may={may}
            onMove={(from, to) => void move(from, to)}
            onRules={() => setRuling(stage)}
            onRemove={() => remove(stage)}
          />
        ))}
      </ul>
      {may && (
        <form className={classes.add} onSubmit={(event) => void add(event)}>
          <TextInput
            className={classes.grow}
            aria-label={t('pipelines.addTo', { name: pipeline.name })}
            placeholder={t('pipelines.add')}
            value={adding}
            onChange={(event) => setAdding(event.currentTarget.value)}
            maxLength={100}
          />
          <Button type="submit" variant="default" disabled={adding.trim() === ''}>
            {t('pipelines.addAct')}
          </Button>
        </form>
      )}
      {ruling && (
        <StageDialog stage={ruling} steps={playbook.filter((step) => step.stage.id === ruling.id)} onClose={() => setRuling(null)} />
      )}
      {removing && (
        <RemoveStageDialog
          stage={removing}
          others={stages.filter((stage) => stage.id !== removing.id)}
          deals={deals?.get(removing.id) ?? 0}
          onClose={() => setRemoving(null)}
        />
      )}
    </SettingsPart>
  );
}

function StageRow({
  stage,
  at,
  last,
  deals,
  may,
  onMove,
  onRules,
  onRemove,
}: {
  stage: Stage;
  at: number;
  last: boolean;
  deals: number;
  may: boolean;
  onMove: (from: number, to: number) => void;
  onRules: () => void;
  onRemove: () => void;
}): ReactNode {
  const { t, field, option } = useWords();
  const save = (values: Record<string, unknown>): Promise<void> =>
    act(t('pipelines.changed', { name: String(values.name ?? stage.name) }), () =>
      request('PATCH', `/stages/${stage.id}`, { body: values }),
    );
  return (
    <MovableRow
      className={classes.stage}
      group={stage.pipeline.id}
      place={{ list: stage.pipeline.id, at }}
      name={stage.name}
      first={at === 0 || !may}
      last={last || !may}
      onMove={(from, to) => may && onMove(from.at, to.at)}
      onStep={(by) => onMove(at, at + by)}
      acts={
        may && (
          <>
            <Tooltip label={t('pipelines.rulesOf', { name: stage.name })}>
              <ActionIcon variant="subtle" color="gray" aria-label={t('pipelines.rulesOf', { name: stage.name })} onClick={onRules}>
                <IconAdjustments {...iconLook} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={t('pipelines.remove', { name: stage.name })}>
              <ActionIcon variant="subtle" color="gray" aria-label={t('pipelines.remove', { name: stage.name })} onClick={onRemove}>
                <IconTrash {...iconLook} />
              </ActionIcon>
            </Tooltip>
          </>
        )
      }
    >
      <Written label={t('pipelines.nameOf', { name: stage.name })} value={stage.name} disabled={!may} onSave={(name) => save({ name })} />
      <Select
        className={classes.category}
        aria-label={t('pipelines.of', { field: field('stage', 'category'), name: stage.name })}
        value={stage.category}
        data={(['open', 'won', 'lost'] as const).map((value) => ({ value, label: option('stage', 'category', value) }))}
        allowDeselect={false}
        disabled={!may}
        onChange={(category) => category && category !== stage.category && void save({ category })}
      />
      <NumberInput
        key={`${stage.id} ${stage.probability}`}
        className={classes.probability}
        aria-label={t('pipelines.of', { field: field('stage', 'probability'), name: stage.name })}
        defaultValue={Math.round(stage.probability * 1e4) / 100}
        min={0}
        max={100}
        decimalScale={2}
        suffix=" %"
        hideControls
        disabled={!may || stage.category !== 'open'}
        onBlur={(event) => {
          const next = Number.parseFloat(event.currentTarget.value.replace(',', '.'));
          if (Number.isFinite(next) && next / 100 !== stage.probability) void save({ probability: Math.round(next * 100) / 1e4 });
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
      <span className={classes.deals}>{t('pipelines.deals', { count: deals, n: formatNumber(deals, 0) })}</span>
    </MovableRow>
  );
}

/** A name that is saved when it is left or entered; Escape takes the old one back. */
function Written({
  label,
  value,
  disabled,
  strong,
  onSave,
}: {
  label: string;
  value: string;
  disabled: boolean;
  strong?: boolean;
  onSave: (value: string) => Promise<void>;
}): ReactNode {
  const [draft, setDraft] = useState<string | null>(null);
  const leave = (): void => {
    const next = draft?.trim();
    if (next === undefined || next === '' || next === value) setDraft(null);
    // What was typed stays until what stands has come.
    else void onSave(next).finally(() => setDraft(null));
  };
  return (
    <TextInput
      className={classes.grow}
      classNames={strong ? { input: classes.strong } : undefined}
      data-name
      aria-label={label}
      variant="unstyled"
      value={draft ?? value}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={leave}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setDraft(null);
      }}
      readOnly={disabled}
      maxLength={100}
    />
  );
}
