import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { MovableRow, reordered } from '#ui/form/movable-row.tsx';
import { formatList } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { ActiveSwitch } from '#ui/settings/active-switch.tsx';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { ConditionText, RuleWords, ruleRows } from '../rule-rows.tsx';
import { type AssignmentRule, refreshRules, rulesQuery, writeOrder } from './assignment.ts';
import { RuleDialog } from './rule-dialog.tsx';
import { TryPart } from './try-part.tsx';

/** Writes, says what was done with the way back, and shows what stands then, also after a refusal. */
async function act(said: string, work: () => Promise<{ cause: string | null }>): Promise<void> {
  try {
    const { cause } = await work();
    showUndo(said, cause);
  } catch (failure) {
    showFailure(failure);
  }
  await refreshRules();
}

/** To whom leads go that come without an owner: the rules in the order in which they are asked. */
export function AssignmentScreen(): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const object = meta.object('assignmentRule');
  const may = object?.verbs.update === true;
  const rules = useQuery(rulesQuery);
  const [open, setOpen] = useState<{ rule: AssignmentRule | null } | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const held = rules.data ?? [];
  const move = async (from: number, to: number): Promise<void> => {
    const next = reordered(held, from, to);
    // Shown at once; the answer brings what stands.
    queryClient.setQueryData(rulesQuery.queryKey, next);
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLButtonElement>('button[data-name]')[to]?.focus());
    await act(t('assignment.ordered'), () => writeOrder(next));
  };
  return (
    <SettingsFrame
      title={t('assignment.title')}
      acts={may && <Button onClick={() => setOpen({ rule: null })}>{t('assignment.new')}</Button>}
    >
      {rules.error && <p role="alert">{failureText(rules.error)}</p>}
      <SettingsPart title={t('assignment.rules')}>
        <p className="pg-secondary">{t('assignment.lead')}</p>
        {rules.data?.length === 0 && <p>{t('assignment.none')}</p>}
        <ol className={ruleRows} ref={list}>
          {held.map((rule, at) => (
            <MovableRow
              key={rule.id}
              group="assignment"
              place={{ list: 'rules', at }}
              name={rule.name}
              first={!may || at === 0}
              last={!may || at === held.length - 1}
              onMove={(from, to) => void move(from.at, to.at)}
              onStep={(by) => void move(at, at + by)}
              acts={
                may && (
                  <ActiveSwitch
                    active={rule.active}
                    label={rule.name}
                    onChange={(active) =>
                      void act(t(active ? 'assignment.on' : 'assignment.off', { name: rule.name }), () =>
                        request('PATCH', `/assignmentRules/${rule.id}`, { body: { active } }),
                      )
                    }
                  />
                )
              }
            >
              <RuleText rule={rule} onOpen={may ? () => setOpen({ rule }) : null} />
            </MovableRow>
          ))}
        </ol>
      </SettingsPart>
      {held.length > 0 && <TryPart />}
      {open && object && (
        <RuleDialog
          object={object}
          rule={open.rule}
          position={Math.max(0, ...held.map(({ position }) => position ?? 0)) + 1}
          onClose={() => setOpen(null)}
        />
      )}
    </SettingsFrame>
  );
}

function RuleText({ rule, onOpen }: { rule: AssignmentRule; onOpen: (() => void) | null }): ReactNode {
  const { t, option } = useWords();
  const lead = useMeta().object('lead');
  const who = [...(rule.members ?? []), ...(rule.teams ?? [])].map(({ name }) => name);
  return (
    <RuleWords name={rule.name} onOpen={onOpen}>
      {option('assignmentRule', 'way', rule.way)}
      {who.length > 0 && `: ${formatList(who)}`}
      {' · '}
      {rule.condition && lead ? <ConditionText object={lead} condition={rule.condition} /> : t('assignment.takesAll')}
    </RuleWords>
  );
}
