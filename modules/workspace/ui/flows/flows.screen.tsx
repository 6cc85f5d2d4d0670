import { Button, NativeSelect, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { formatNumber } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { SettingsFrame } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import classes from './flows.module.css';
import { countsQuery, type Flow, flowsQuery, refresh, useTriggerWords } from './flows.ts';
import { blankTrigger, TRIGGERS } from './trigger-panel.tsx';

/** All flows: what starts each, whether it is on, and how its runs stand. */
export function FlowsScreen(): ReactNode {
  const { t } = useWords();
  const query = useQuery(flowsQuery);
  const [making, setMaking] = useState(false);
  const may = useMeta().may('administer');
  return (
    <SettingsFrame title={t('flows.title')} acts={may && <Button onClick={() => setMaking(true)}>{t('flows.new')}</Button>}>
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      <p className="pg-secondary">{t('flows.lead')}</p>
      {query.data?.length === 0 && <p>{t('flows.none')}</p>}
      <ul className={classes.rows}>
        {(query.data ?? []).map((flow) => (
          <FlowRow key={flow.id} flow={flow} />
        ))}
      </ul>
      {making && <NewFlow onClose={() => setMaking(false)} />}
    </SettingsFrame>
  );
}

function FlowRow({ flow }: { flow: Flow }): ReactNode {
  const { t } = useWords();
  const trigger = useTriggerWords();
  const { data } = useQuery(countsQuery(flow.id));
  const states = data?.states;
  const waiting = states ? states.due.value + states.waiting.value + states.approval.value + states.children.value : 0;
  return (
    <li className={classes.run}>
      <span className={classes.grow}>
        <Link className="pg-link" to="/settings/flows/$flow" params={{ flow: flow.id }}>
          {flow.name}
        </Link>
        <span className={classes.quiet}>{flow.definition ? trigger(flow.definition) : t('flows.nothingYet')}</span>
      </span>
      <span className={classes.status} data-on={flow.active || undefined}>
        {t(flow.active ? (data?.edited ? 'flows.onEdited' : 'flows.on') : 'flows.off')}
      </span>
      <span className={classes.counts}>
        {waiting > 0 && <span>{t('flows.underWay', { count: waiting, n: formatNumber(waiting) })}</span>}
        {states && states.failed.value > 0 && (
          <span className={classes.wrong}>
            {t('flows.failedCount', { count: states.failed.value, n: formatNumber(states.failed.value) })}
          </span>
        )}
      </span>
    </li>
  );
}

/** Names a new flow, and says for what and by what it starts. */
function NewFlow({ onClose }: { onClose: () => void }): ReactNode {
  const { t, object: objectWord } = useWords();
  const meta = useMeta();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [object, setObject] = useState<string | null>('party');
  const [on, setOn] = useState<string>('change');
  const [failure, setFailure] = useState<string | null>(null);
  const objects = meta.objects.filter((one) => !one.retired && (!one.quiet || one.verbs.update) && one.key !== 'flow');
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (name.trim() === '') return setFailure(t('flows.needsName'));
    const definition = { object, trigger: blankTrigger(on), start: null, steps: {} };
    try {
      const { data } = await request<Flow>('POST', '/flows', { body: { name: name.trim(), definition } });
      await refresh();
      onClose();
      await navigate({ to: '/settings/flows/$flow', params: { flow: data.id } });
    } catch (problem) {
      setFailure(failureText(problem));
    }
  };
  return (
    <FormDialog title={t('flows.new')} size={440} failure={null} act={t('flows.create')} onSubmit={submit} onClose={onClose}>
      <TextInput
        label={t('flows.name')}
        value={name}
        maxLength={120}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        error={failure}
        data-autofocus
      />
      <Select
        label={t('flows.object')}
        searchable
        allowDeselect={false}
        data={objects.map((one) => ({ value: one.key, label: objectWord(one.key) }))}
        value={object}
        onChange={setObject}
      />
      <NativeSelect
        label={t('flows.trigger')}
        data={TRIGGERS.map((one) => ({ value: one, label: t(`flows.on.${one}`) }))}
        value={on}
        onChange={({ currentTarget }) => setOn(currentTarget.value)}
      />
    </FormDialog>
  );
}
