import { ActionIcon, NativeSelect, TextInput } from '@mantine/core';
import { IconArrowBackUp, IconChevronRight, IconSearch } from '@tabler/icons-react';
import { type Dispatch, type ReactNode, type SetStateAction, useDeferredValue, useMemo, useState } from 'react';
import { fold } from '#kit/fold.ts';
import { iconLook, iconOf } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import { Tip } from '#ui/tip.tsx';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import {
  everythingElse,
  fieldRight,
  follows,
  isKept,
  lineChanged,
  type Rights,
  resetLine,
  type Scope,
  scopeOf,
  scopes,
  type Verb,
  verbs,
  withField,
  withScope,
} from './rights.ts';
import classes from './roles.module.css';

/** Fields that every record has and that say who wrote it when. */
const ownOfAll = new Set(['id', 'version', 'externalIds']);

type Change = Dispatch<SetStateAction<Rights>>;

interface LineProps {
  saved: Rights;
  rights: Rights;
  change: Change;
}

/** Objects by what may be done with them, each unfolding to its fields. */
export function RightsMatrix({ saved, rights, change }: LineProps): ReactNode {
  const { t, plural, field: fieldWord } = useWords();
  const meta = useMeta();
  const [sought, setSought] = useState('');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const wanted = useDeferredValue(fold(sought.trim()));
  const objects = useMemo(() => [...meta.objects].sort((a, b) => plural(a.key).localeCompare(plural(b.key))), [meta, plural]);
  const toggle = (key: string): void =>
    setOpen((was) => {
      const now = new Set(was);
      if (!now.delete(key)) now.add(key);
      return now;
    });
  const shown = objects.flatMap((object) => {
    const fields = fieldsOf(object);
    if (wanted === '' || fold(plural(object.key)).includes(wanted)) return [{ object, fields, unfolded: open.has(object.key) }];
    const found = fields.filter((field) => fold(fieldWord(object.key, field.key)).includes(wanted));
    return found.length > 0 ? [{ object, fields: found, unfolded: true }] : [];
  });
  return (
    <>
      <TextInput
        className={classes.search}
        aria-label={t('roles.search')}
        placeholder={t('roles.search')}
        leftSection={<IconSearch {...iconLook} />}
        value={sought}
        onChange={(event) => setSought(event.currentTarget.value)}
      />
      <table className={classes.matrix}>
        <caption className="pg-secondary">{t('roles.matrixLead')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('roles.object')}</th>
            {verbs.map((verb) => (
              <th key={verb} scope="col">
                {t(`catalogue.verb.${verb}`)}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {wanted === '' && (
            <Line name={t('roles.everythingElse')} of={everythingElse} scoped saved={saved} rights={rights} change={change} />
          )}
          {shown.map(({ object, fields, unfolded }) => (
            <ObjectLines
              key={object.key}
              object={object}
              fields={fields}
              unfolded={unfolded}
              onToggle={toggle}
              saved={saved}
              rights={rights}
              change={change}
            />
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p className="pg-secondary">{t('roles.notFound')}</p>}
    </>
  );
}

const fieldsOf = (object: ObjectMeta): ObjectMeta['fields'] => object.fields.filter((field) => !ownOfAll.has(field.key) && !field.hidden);

/** Whether some of its records can be in reach and others not. */
const isScoped = (object: ObjectMeta): boolean => !object.about && Boolean(object.owner ?? object.party);

function ObjectLines({
  object,
  fields,
  unfolded,
  onToggle,
  ...line
}: LineProps & { object: ObjectMeta; fields: ObjectMeta['fields']; unfolded: boolean; onToggle: (key: string) => void }): ReactNode {
  const { t, plural, field: fieldWord } = useWords();
  const { rights, saved, change } = line;
  const Icon = iconOf(object.icon);
  const held = Object.keys(rights.fields?.[object.key] ?? {}).length;
  return (
    <>
      <Line
        of={object.key}
        scoped={isScoped(object)}
        name={
          <button type="button" className={classes.fold} aria-expanded={unfolded} onClick={() => onToggle(object.key)}>
            <IconChevronRight {...iconLook} className={classes.chevron} />
            <Icon {...iconLook} />
            <span>{plural(object.key)}</span>
            {held > 0 && <span className="pg-meta">{t('roles.held', { count: held })}</span>}
          </button>
        }
        {...line}
      />
      {unfolded && (
        <tr className={classes.fieldsRow}>
          <td colSpan={verbs.length + 2}>
            <ul className={classes.fields}>
              {fields.map((field) => {
                const right = fieldRight(rights, object.key, field.key);
                const name = fieldWord(object.key, field.key);
                return (
                  <li key={field.key} data-changed={right !== fieldRight(saved, object.key, field.key) || undefined}>
                    <span className="pg-ellipsis">{name}</span>
                    <NativeSelect
                      aria-label={t('roles.fieldRight', { field: name, object: plural(object.key) })}
                      value={right ?? 'write'}
                      data={(['write', 'readOnly', 'hidden'] as const).map((one) => ({ value: one, label: t(`roles.field.${one}`) }))}
                      onChange={(event) => {
                        const next = event.currentTarget.value;
                        change((now) => withField(now, object.key, field.key, next === 'hidden' || next === 'readOnly' ? next : null));
                      }}
                    />
                  </li>
                );
              })}
            </ul>
          </td>
        </tr>
      )}
    </>
  );
}

/** One line of the matrix. What follows everything else is faint. */
function Line({ of, name, scoped, saved, rights, change }: LineProps & { of: string; name: ReactNode; scoped: boolean }): ReactNode {
  const { t, plural } = useWords();
  const said = of === everythingElse ? t('roles.everythingElse') : plural(of);
  const changed = lineChanged(saved, rights, of);
  const offered = (now: Scope): readonly Scope[] =>
    scopes.filter((scope) => scoped || scope === 'none' || scope === 'all' || scope === now);
  return (
    <tr data-changed={changed || undefined}>
      <th scope="row">{name}</th>
      {verbs.map((verb: Verb) => {
        const now = scopeOf(rights, of, verb);
        const kept = isKept(rights, of, verb);
        return (
          <td key={verb} data-verb={t(`catalogue.verb.${verb}`)} data-follows={follows(rights, of, verb) || undefined}>
            <NativeSelect
              aria-label={`${said}: ${t(`catalogue.verb.${verb}`)}`}
              title={kept ? t('roles.kept') : undefined}
              disabled={kept && now === 'all'}
              value={now}
              data={offered(now).map((scope) => ({ value: scope, label: t(`catalogue.scope.${scope}`) }))}
              onChange={(event) => {
                const next = event.currentTarget.value as Scope;
                change((held) => withScope(held, of, verb, next));
              }}
            />
          </td>
        );
      })}
      <td>
        {changed && (
          <Tip label={t('roles.reset', { object: said })}>
            <ActionIcon aria-label={t('roles.reset', { object: said })} onClick={() => change((held) => resetLine(held, saved, of))}>
              <IconArrowBackUp {...iconLook} />
            </ActionIcon>
          </Tip>
        )}
      </td>
    </tr>
  );
}
