import { Alert, Button, Checkbox, Drawer, Group, Modal, Tabs } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useBlocker, useParams } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import type { FlowShape } from '#engine/declare/flow.ts';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { iconLook } from '#ui/icons.ts';
import { TextLink } from '#ui/links.tsx';
import { useMeta } from '#ui/meta.ts';
import { showDone, showFailure, showUndo } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { SettingsFrame } from '#ui/settings/settings-frame.tsx';
import { useHandler } from '#ui/use-handler.ts';
import { useWords } from '#ui/words.ts';
import { begin, blank, connect, draw, insert, objectsAt, redo, remove, type Strokes, undo } from './drawing.ts';
import classes from './flows.module.css';
import { countsQuery, type Flow, findingsQuery, flowQuery, refresh, type Trial, useTriggerWords } from './flows.ts';
import { type DrawingView, Outline } from './outline.tsx';
import { RunsPart } from './runs-part.tsx';
import { StepPanel } from './step-panel.tsx';
import { TrialPanel } from './trial-panel.tsx';
import { TriggerPanel } from './trigger-panel.tsx';

const Canvas = lazy(() => import('./canvas.tsx'));

/** One flow: its drawing, what came of it, and whether it is on. */
export function FlowScreen(): ReactNode {
  const { t } = useWords();
  const { flow: id = '' } = useParams({ strict: false });
  const query = useQuery(flowQuery(id));
  if (query.isError)
    return (
      <SettingsFrame title={t('flows.title')} back={null}>
        <p role="alert">{failureText(query.error)}</p>
      </SettingsFrame>
    );
  return query.data ? <Editor key={query.data.id} flow={query.data} /> : null;
}

const nothing: FlowShape = { object: 'party', trigger: { on: 'change', deeds: ['created'] }, start: null, steps: {} };

/** Typing goes on within so many milliseconds. */
const PAUSE = 1000;

function Editor({ flow }: { flow: Flow }): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const triggerWords = useTriggerWords();
  const phone = useMediaQuery('(width < 1024px)', false, { getInitialValueInEffect: false });
  const [strokes, setStrokes] = useState<Strokes>(() => begin(flow.definition ?? nothing));
  const [held, setHeld] = useState<{ version: number; shape: FlowShape }>({ version: flow.version, shape: flow.definition ?? nothing });
  const [chosen, setChosen] = useState<string | null>(null);
  const [trying, setTrying] = useState(false);
  const [trial, setTrial] = useState<Trial | null>(null);
  const [asking, setAsking] = useState<'on' | 'off' | null>(null);
  const [saving, setSaving] = useState(false);
  const shape = strokes.now;
  const unsaved = shape !== held.shape;
  const { data: findings = [] } = useQuery({ ...findingsQuery(shape), placeholderData: keepPreviousData });
  const { data: counts } = useQuery(countsQuery(flow.id));
  useBlocker({
    shouldBlockFn: () => unsaved && !window.confirm(t('flows.leave')),
    enableBeforeUnload: () => unsaved,
  });

  const typed = useRef<{ at: string | null; when: number } | null>(null);
  const change = (next: FlowShape): void => {
    typed.current = null;
    setStrokes((was) => draw(was, next));
    setTrial(null);
  };
  /** What is typed into one form without a pause is one stroke. */
  const fill = (next: FlowShape): void => {
    const when = Date.now();
    const last = typed.current;
    const going = last !== null && last.at === chosen && when - last.when < PAUSE;
    typed.current = { at: chosen, when };
    setStrokes((was) => draw(was, next, going));
    setTrial(null);
  };
  const step = (move: (was: Strokes) => Strokes): void => {
    typed.current = null;
    setStrokes(move);
    setTrial(null);
  };
  const save = async (): Promise<boolean> => {
    setSaving(true);
    try {
      const { data, cause } = await request<Flow>('PATCH', `/flows/${flow.id}`, {
        body: { definition: shape },
        headers: { 'if-match': `"${held.version}"` },
      });
      setHeld({ version: data.version, shape });
      await queryClient.invalidateQueries({ queryKey: ['flows'] });
      showUndo(t('flows.saved', { name: flow.name }), cause, () => location.reload());
      return true;
    } catch (failure) {
      showFailure(failure);
      return false;
    } finally {
      setSaving(false);
    }
  };
  const onKey = useHandler((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return;
    const { target } = event;
    if (target instanceof HTMLElement && (target.matches('input, textarea, select') || target.isContentEditable)) return;
    if (event.shiftKey ? strokes.future.length === 0 : strokes.past.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    step(event.shiftKey ? redo : undo);
  });
  // Before the key of the page, which takes back what was last written.
  useEffect(() => {
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, [onKey]);

  const objects = objectsAt(shape, (object, field) => meta.object(object)?.fields.find(({ key }) => key === field)?.to);
  const objectOf = (id: string): string => objects.get(id) ?? shape.object;
  const selected = chosen === null || chosen === '' ? undefined : shape.steps[chosen];
  const choose = (id: string | null): void => {
    setChosen(id);
    if (id !== null) setTrying(false);
  };
  const view: DrawingView = {
    shape,
    objectOf,
    chosen,
    findings,
    trial,
    trigger: triggerWords(shape),
    onChoose: choose,
    onInsert: (place, kind) => {
      const made = insert(shape, place, blank(kind));
      change(made.shape);
      choose(made.id);
    },
    onRemove: (id) => {
      change(remove(shape, id));
      setChosen(null);
    },
  };
  const object = meta.object(chosen ? objectOf(chosen) : shape.object);
  const close = (): void => {
    setChosen(null);
    setTrying(false);
  };
  const panel = trying ? (
    <TrialPanel shape={shape} trial={trial} onTried={setTrial} />
  ) : !object ? null : chosen === '' ? (
    <TriggerPanel flow={flow.id} shape={shape} object={object} findings={findings} onChange={fill} />
  ) : chosen !== null && selected ? (
    <StepPanel
      key={chosen}
      flow={flow.id}
      id={chosen}
      step={selected}
      shape={shape}
      object={object}
      findings={findings}
      onChange={(next) => fill({ ...shape, steps: { ...shape.steps, [chosen]: next } })}
    />
  ) : null;
  const title = trying ? t('flows.try') : chosen === '' ? t('flows.trigger') : selected ? t(`flows.kind.${selected.do}`) : '';
  const edited = unsaved || counts?.edited === true;
  return (
    <SettingsFrame
      bare
      title={flow.name}
      back={
        <TextLink className="pg-link" to="/settings/flows">
          {t('flows.title')}
        </TextLink>
      }
      acts={
        <>
          {unsaved && <span className={classes.unsaved}>{t('flows.unsaved')}</span>}
          <Button variant="default" loading={saving} disabled={!unsaved} onClick={() => void save()}>
            {t('action.save')}
          </Button>
          {flow.active && (
            <Button variant="default" onClick={() => setAsking('off')}>
              {t('flows.switchOff')}
            </Button>
          )}
          {(!flow.active || edited) && (
            <Button
              disabled={findings.length > 0}
              onClick={() => setAsking('on')}
              title={findings.length > 0 ? t('flows.mendFirst') : undefined}
            >
              {t(flow.active ? 'flows.switchNew' : 'flows.switchOn')}
            </Button>
          )}
        </>
      }
    >
      <Tabs defaultValue="drawing" className={classes.tabs} keepMounted={false}>
        <Tabs.List className={classes.tabList}>
          <Tabs.Tab value="drawing">{t('flows.drawing')}</Tabs.Tab>
          <Tabs.Tab value="runs">{t('flows.runs')}</Tabs.Tab>
          <span className={classes.status} data-on={flow.active || undefined}>
            {t(flow.active ? (edited ? 'flows.onEdited' : 'flows.on') : 'flows.off')}
          </span>
        </Tabs.List>
        <Tabs.Panel value="drawing" className={classes.panel}>
          <div className={classes.toolbar}>
            <Button
              size="compact"
              variant="subtle"
              color="gray"
              disabled={strokes.past.length === 0}
              onClick={() => step(undo)}
              leftSection={<IconArrowBackUp {...iconLook} />}
            >
              {t('flows.undo')}
            </Button>
            <Button
              size="compact"
              variant="subtle"
              color="gray"
              disabled={strokes.future.length === 0}
              onClick={() => step(redo)}
              leftSection={<IconArrowForwardUp {...iconLook} />}
            >
              {t('flows.redo')}
            </Button>
            {shape.layout && Object.keys(shape.layout).length > 0 && !phone && (
              <Button
                size="compact"
                variant="subtle"
                color="gray"
                onClick={() => {
                  const { layout: _was, ...rest } = shape;
                  change(rest);
                }}
              >
                {t('flows.tidy')}
              </Button>
            )}
            <Button
              size="compact"
              variant="default"
              className={classes.try}
              disabled={findings.length > 0}
              title={findings.length > 0 ? t('flows.mendFirst') : undefined}
              onClick={() => {
                setChosen(null);
                setTrying(true);
              }}
            >
              {t('flows.try')}
            </Button>
          </div>
          <div className={classes.desk}>
            <div className={classes.side}>
              <Outline {...view} />
            </div>
            {!phone && (
              <div className={classes.canvas}>
                <Suspense>
                  <Canvas
                    {...view}
                    onConnect={(place, to) => change(connect(shape, place, to))}
                    onMove={(id, to) => change({ ...shape, layout: { ...shape.layout, [id]: to } })}
                  />
                </Suspense>
              </div>
            )}
            {!phone && panel && (
              <aside className={classes.aside} aria-label={title}>
                <div className={classes.asideHead}>
                  <h2>{title}</h2>
                  <Button size="compact" variant="subtle" color="gray" onClick={close}>
                    {t('action.close')}
                  </Button>
                </div>
                {panel}
              </aside>
            )}
          </div>
          {phone && (
            <Drawer
              opened={panel !== null}
              onClose={close}
              position="bottom"
              size="85%"
              title={title}
              closeButtonProps={{ 'aria-label': t('action.close') }}
            >
              {panel}
            </Drawer>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="runs" className={classes.panel}>
          <RunsPart flow={flow.id} />
        </Tabs.Panel>
      </Tabs>
      {asking && (
        <Switch
          flow={flow}
          to={asking}
          save={unsaved ? save : null}
          onSwitched={(version) => setHeld((was) => ({ ...was, version }))}
          onClose={() => setAsking(null)}
        />
      )}
    </SettingsFrame>
  );
}

/** Asks before a flow begins or ends to act by itself. */
function Switch({
  flow,
  to,
  save,
  onSwitched,
  onClose,
}: {
  flow: Flow;
  to: 'on' | 'off';
  save: (() => Promise<boolean>) | null;
  onSwitched: (version: number) => void;
  onClose: () => void;
}): ReactNode {
  const { t } = useWords();
  const [stop, setStop] = useState(false);
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const go = async (): Promise<void> => {
    setWorking(true);
    setFailure(null);
    try {
      if (to === 'on' && save && !(await save())) return onClose();
      if (to === 'on') await request('POST', `/flows/${flow.id}/activate`, { body: {} });
      else await request('POST', `/flows/${flow.id}/deactivate`, { body: { stop } });
      // Switching is a change of the record as well: the next save goes on from there.
      onSwitched((await queryClient.fetchQuery({ ...flowQuery(flow.id), staleTime: 0 })).version);
      await refresh();
      showDone(t(to === 'on' ? 'flows.isOn' : 'flows.isOff', { name: flow.name }));
      onClose();
    } catch (problem) {
      setFailure(failureText(problem));
    }
    setWorking(false);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(to === 'on' ? 'flows.switchOnTitle' : 'flows.switchOffTitle', { name: flow.name })}
      size={440}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <p>{t(to === 'on' ? 'flows.switchOnLead' : 'flows.switchOffLead')}</p>
      {to === 'off' && (
        <Checkbox label={t('flows.stopRuns')} checked={stop} onChange={({ currentTarget }) => setStop(currentTarget.checked)} />
      )}
      {failure && (
        <Alert color="danger" variant="light" role="alert" mt="md">
          {failure}
        </Alert>
      )}
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button loading={working} onClick={() => void go()}>
          {t(to === 'on' ? 'flows.switchOn' : 'flows.switchOff')}
        </Button>
      </Group>
    </Modal>
  );
}
