import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { failureText } from '#ui/failure.ts';
import { CreateDialog } from '#ui/form/create-dialog.tsx';
import { formatList, formatNumber } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { queryClient } from '#ui/query-client.ts';
import { SettingsFrame, SettingsPart, Unsaved } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { ConditionInput } from '../catalogue/condition-input.tsx';
import { PreviewDialog } from './preview-dialog.tsx';
import classes from './territories.module.css';
import { asTree, countsQuery, type Placed, type RuleChange, territoriesQuery } from './territories.ts';

/** The tree of territories, the rule of each, and how many customers lie in it. Changed rules count once they are applied. */
export function TerritoriesScreen(): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const query = useQuery(territoriesQuery);
  const { data: counts } = useQuery(countsQuery);
  const [drafts, setDrafts] = useState<ReadonlyMap<string, unknown>>(new Map());
  const [making, setMaking] = useState(false);
  const [looking, setLooking] = useState(false);
  const object = meta.object('territory');
  const tree = asTree(query.data ?? []);
  const changes: RuleChange[] = [...drafts].map(([id, rule]) => ({ id, rule: rule ?? null }));
  const draft = (id: string, rule: unknown, held: unknown): void => {
    const now = new Map(drafts);
    if (JSON.stringify(rule ?? null) === JSON.stringify(held ?? null)) now.delete(id);
    else now.set(id, rule ?? null);
    setDrafts(now);
  };
  return (
    <SettingsFrame
      title={t('territories.title')}
      acts={
        <>
          {tree.length > 0 && (
            <Button variant="default" onClick={() => setLooking(true)}>
              {t('territories.preview')}
            </Button>
          )}
          {object?.verbs.create && <Button onClick={() => setMaking(true)}>{t('territories.new')}</Button>}
        </>
      }
      unsaved={
        changes.length > 0 && (
          <Unsaved label={t('territories.unsaved')} said={t('territories.changed', { count: changes.length })}>
            <Button variant="default" onClick={() => setDrafts(new Map())}>
              {t('roles.discard')}
            </Button>
          </Unsaved>
        )
      }
    >
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      <SettingsPart wide>
        <p className="pg-secondary">{t('territories.lead')}</p>
        {query.data && tree.length === 0 && <p>{t('territories.empty')}</p>}
        <ul className={classes.tree}>
          {tree.map((placed) => (
            <Line
              key={placed.territory.id}
              placed={placed}
              count={counts ? (counts.get(placed.territory.id) ?? 0) : null}
              rule={drafts.has(placed.territory.id) ? drafts.get(placed.territory.id) : placed.territory.rule}
              changed={drafts.has(placed.territory.id)}
              onRule={(rule) => draft(placed.territory.id, rule, placed.territory.rule)}
            />
          ))}
        </ul>
        {tree.length > 0 && counts && (
          <p className="pg-secondary">
            {t('territories.outside', { count: counts.get(null) ?? 0, n: formatNumber(counts.get(null) ?? 0, 0) })}
          </p>
        )}
      </SettingsPart>
      {making && object && (
        <CreateDialog
          object={object}
          onClose={() => setMaking(false)}
          onCreated={() => {
            setMaking(false);
            void queryClient.invalidateQueries({ queryKey: ['territories'] });
          }}
        />
      )}
      {looking && (
        <PreviewDialog
          rules={changes}
          name={(id) => (id === null ? t('territories.none') : (query.data?.find((one) => one.id === id)?.name ?? ''))}
          onClose={() => setLooking(false)}
          onApplied={() => setDrafts(new Map())}
        />
      )}
    </SettingsFrame>
  );
}

function Line({
  placed: { territory, depth },
  count,
  rule,
  changed,
  onRule,
}: {
  placed: Placed;
  count: number | null;
  rule: unknown;
  changed: boolean;
  onRule: (rule: unknown) => void;
}): ReactNode {
  const { t } = useWords();
  const party = useMeta().object('party');
  const people = [territory.manager, ...(territory.members ?? [])].flatMap((one) => (one ? [one.name] : []));
  return (
    <li className={classes.line} data-changed={changed || undefined}>
      <div className={classes.name} style={{ paddingInlineStart: depth * 20 }}>
        <Link className="pg-link" to="/o/$plural/$id" params={{ plural: 'territories', id: territory.id }}>
          {territory.name}
        </Link>
        {people.length > 0 && <span className="pg-meta">{formatList([...new Set(people)])}</span>}
      </div>
      {party && (
        <ConditionInput
          object={party}
          label={t('territories.ruleOf', { name: territory.name })}
          empty={t('territories.noRule')}
          value={rule ?? undefined}
          onChange={onRule}
        />
      )}
      <span className="pg-figures">{count === null ? '' : t('territories.count', { count, n: formatNumber(count, 0) })}</span>
    </li>
  );
}
