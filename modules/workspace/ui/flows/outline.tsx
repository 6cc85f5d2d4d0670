import { ActionIcon, Menu } from '@mantine/core';
import { IconAlertCircle, IconCornerDownRight, IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { FlowShape, Step } from '#engine/declare/flow.ts';
import { problemText } from '#ui/failure.ts';
import { formatList, formatNumber } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { MenuButton } from '#ui/menu-button.tsx';
import { useWords } from '#ui/words.ts';
import { About } from './about.tsx';
import { KINDS, type Kind, type Line, outline, type Place } from './drawing.ts';
import classes from './flows.module.css';
import { type Finding, type Trial, useStepWords } from './flows.ts';
import { kindIcon } from './kinds.ts';

/** What both views of a drawing show and do. */
export interface DrawingView {
  shape: FlowShape;
  objectOf: (id: string) => string;
  chosen: string | null;
  findings: readonly Finding[];
  trial: Trial | null;
  /** What starts it, in words. */
  trigger: string;
  onChoose: (id: string | null) => void;
  onInsert: (place: Place, kind: Kind) => void;
  onRemove: (id: string) => void;
}

/** The menu of steps behind a plus. */
export function AddStep({
  label,
  onAdd,
  className,
}: {
  label: string;
  onAdd: (kind: Kind) => void;
  className?: string | undefined;
}): ReactNode {
  const { t } = useWords();
  return (
    <MenuButton
      position="bottom-start"
      button={(props) => (
        <ActionIcon {...props} className={className} variant="subtle" color="gray" size={24} aria-label={label} data-tip={label}>
          <IconPlus {...iconLook} />
        </ActionIcon>
      )}
    >
      {() =>
        KINDS.map((kind) => {
          const Icon = kindIcon[kind];
          return (
            <Menu.Item key={kind} leftSection={<Icon {...iconLook} />} onClick={() => onAdd(kind)}>
              {t(`flows.kind.${kind}`)}
            </Menu.Item>
          );
        })
      }
    </MenuButton>
  );
}

/** How often a step ended how, in one line. */
export function useTally(): (step: Step, tally: Trial['steps'][string] | undefined) => string {
  const { t } = useWords();
  const say = useStepWords().outcome;
  return (step, tally) =>
    formatList(
      Object.entries(tally?.outcomes ?? {}).map(([outcome, n]) =>
        outcome === 'failed' || outcome === 'again'
          ? t('flows.tallyFailed', { n: formatNumber(n) })
          : outcome === 'next'
            ? t('flows.tally', { n: formatNumber(n) })
            : t('flows.tallyEdge', { n: formatNumber(n), edge: say(step, outcome) }),
      ),
    );
}

/** A flow as an ordered list: the whole drawing without a pointer, and on a phone. */
export function Outline(view: DrawingView): ReactNode {
  const { t } = useWords();
  const { shape, findings, chosen } = view;
  const own = findings.filter(({ step, path }) => step === null && path !== 'start');
  return (
    <ol className={classes.outline} aria-label={t('flows.outline')}>
      <li className={classes.line} data-chosen={chosen === '' || undefined}>
        <button type="button" className={classes.step} aria-pressed={chosen === ''} onClick={() => view.onChoose('')}>
          <span className={classes.kind}>{t('flows.trigger')}</span>
          <span className={classes.strong}>{view.trigger}</span>
          {view.trial && (
            <span className={classes.tally}>{t('flows.wouldStart', { count: view.trial.starts, n: formatNumber(view.trial.starts) })}</span>
          )}
          <Wrong findings={own} />
        </button>
      </li>
      {outline(shape).map((line) => (
        <OutlineLine key={line.kind === 'step' ? line.id : `${line.place?.from} ${line.place?.edge}`} line={line} view={view} />
      ))}
    </ol>
  );
}

/** The words of what is wrong, with a mark. */
export function Wrong({ findings }: { findings: readonly Finding[] }): ReactNode {
  const [first] = findings;
  if (!first) return null;
  return (
    <span className={classes.finding}>
      <IconAlertCircle {...iconLook} />
      <span>
        {problemText(first)}
        {findings.length > 1 && ` +${findings.length - 1}`}
      </span>
    </span>
  );
}

function OutlineLine({ line, view }: { line: Line; view: DrawingView }): ReactNode {
  const { t } = useWords();
  const { title, edge } = useStepWords();
  const tally = useTally();
  const { shape } = view;
  const { place } = line;
  const before = place?.from ? shape.steps[place.from] : undefined;
  const named = place && line.named ? edge(before, place.edge) : null;
  const step = line.id === null ? undefined : shape.steps[line.id];
  const where = named
    ? t('flows.addAt', { edge: named, step: before ? title(before) : '' })
    : before
      ? t('flows.addAfter', { step: title(before) })
      : t('flows.addFirst');
  const found = view.findings.filter((one) => one.step === line.id);
  const Icon = step && kindIcon[step.do];
  return (
    <li
      className={classes.line}
      style={{ paddingInlineStart: line.depth * 16 }}
      data-chosen={(line.kind === 'step' && view.chosen === line.id) || undefined}
    >
      {named && <span className={classes.edge}>{named}</span>}
      {place && line.kind !== 'jump' && <AddStep label={where} onAdd={(kind) => view.onInsert(place, kind)} className={classes.add} />}
      {line.kind === 'end' && (
        <span className={classes.end}>{shape.start === null && !place?.from ? t('flows.nothingYet') : t('flows.ends')}</span>
      )}
      {line.kind === 'jump' && step && (
        <span className={classes.end}>
          <IconCornerDownRight {...iconLook} /> {t('flows.goesOn', { step: title(step) })}
        </span>
      )}
      {line.kind === 'step' && step && line.id !== null && (
        <>
          <button type="button" className={classes.step} aria-pressed={view.chosen === line.id} onClick={() => view.onChoose(line.id)}>
            <span className={classes.stepHead}>
              {Icon && <Icon {...iconLook} />}
              <span className={classes.strong}>{title(step)}</span>
            </span>
            <span className={classes.about}>
              <About step={step} object={view.objectOf(line.id)} />
            </span>
            {view.trial && <span className={classes.tally}>{tally(step, view.trial.steps[line.id]) || t('flows.notReached')}</span>}
            <Wrong findings={found} />
          </button>
          <ActionIcon
            className={classes.remove}
            variant="subtle"
            color="gray"
            aria-label={t('flows.removeStep', { step: title(step) })}
            onClick={() => line.id !== null && view.onRemove(line.id)}
          >
            <IconTrash {...iconLook} />
          </ActionIcon>
        </>
      )}
    </li>
  );
}
