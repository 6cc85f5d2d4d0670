import { Button, Group, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { failureText } from '#ui/failure.ts';
import { displayName } from '#ui/format.ts';
import { ButtonLink, TextLink } from '#ui/links.tsx';
import { useMeta } from '#ui/meta.ts';
import { showAct, showDone, showFailure } from '#ui/notify.tsx';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { AccessPart } from './access-part.tsx';
import classes from './catalogue.module.css';
import { type CatalogueField, type CatalogueObject, catalogueQuery, changeCatalogue } from './catalogue.ts';
import { FieldDialog } from './field-dialog.tsx';
import { languagesOf } from './languages.ts';
import { LayoutEditor } from './layout-editor.tsx';

/** One object: its fields, what they are called and hold, how its forms are arranged, who may reach it. */
export function ObjectScreen(): ReactNode {
  const { t, plural } = useWords();
  const { object: key } = useParams({ strict: false });
  const query = useQuery(catalogueQuery);
  const object = useMeta().object(key);
  const kept = query.data?.objects.find((one) => one.key === key && !one.sealed);
  const [making, setMaking] = useState(false);
  return (
    <SettingsFrame
      title={kept ? plural(kept.key) : t('catalogue.title')}
      back={
        <TextLink className="pg-link" to="/settings/objects">
          {t('catalogue.title')}
        </TextLink>
      }
      acts={
        kept &&
        !kept.retired && (
          <>
            <ButtonLink visibleFrom="sm" variant="default" to="/o/$plural" params={{ plural: kept.plural }} search={{}}>
              {t('catalogue.openList')}
            </ButtonLink>
            <Button onClick={() => setMaking(true)}>{t('catalogue.newField')}</Button>
          </>
        )
      }
    >
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data && !kept && <p>{t('catalogue.noObject')}</p>}
      {kept && object && (
        <>
          <Fields kept={kept} object={object} />
          <SettingsPart title={t('catalogue.layout')}>
            <LayoutEditor key={`${kept.key} ${query.data?.version}`} kept={kept} object={object} />
          </SettingsPart>
          <SettingsPart title={t('catalogue.access')}>
            <AccessPart object={kept.key} scoped={kept.owner !== null || kept.party !== null || kept.key === 'party'} />
          </SettingsPart>
          <Names key={kept.key} kept={kept} />
          {kept.custom && <Retire kept={kept} />}
        </>
      )}
      {making && object && <FieldDialog object={object} onClose={() => setMaking(false)} />}
    </SettingsFrame>
  );
}

function Fields({ kept, object }: { kept: CatalogueObject; object: ObjectMeta }): ReactNode {
  const { t, field: fieldWord } = useWords();
  const [editing, setEditing] = useState<CatalogueField | null>(null);
  const shown = kept.fields.filter((field) => !field.derived);
  const own = shown.filter((field) => field.custom);
  const retire = async (field: CatalogueField, retired: boolean): Promise<void> => {
    const path = `/objects/${kept.key}/fields/${field.key}`;
    try {
      await changeCatalogue('PATCH', path, { retired });
      const name = fieldWord(kept.key, field.key);
      if (retired)
        showAct(
          t('catalogue.retiredNow', { name }),
          t('action.undo'),
          async () => void (await changeCatalogue('PATCH', path, { retired: false })),
        );
      else showDone(t('catalogue.backNow', { name }));
    } catch (failure) {
      showFailure(failure);
    }
  };
  const row = (field: CatalogueField): ReactNode => (
    <li key={field.key} data-retired={field.retired || undefined}>
      <span className={classes.grow}>
        <span className={classes.strong}>{fieldWord(kept.key, field.key)}</span>
        <span className={classes.quiet}>
          {t(`catalogue.typeName.${field.reckoned ?? field.type}`)} · <code>{field.key}</code>
          {field.expression && (
            <>
              {' · '}
              <code dir="ltr">{field.expression}</code>
            </>
          )}
        </span>
      </span>
      {field.building && <span className={classes.mark}>{t(field.reckoned === 'rollUp' ? 'cell.building' : 'catalogue.building')}</span>}
      {field.required && !field.retired && <span className={classes.mark}>{t('catalogue.needed')}</span>}
      {field.retired && <span className={classes.mark}>{t('catalogue.retired')}</span>}
      {!field.retired && (
        <Button
          size="compact"
          variant="subtle"
          color="gray"
          onClick={() => setEditing(field)}
          aria-label={t('catalogue.changeNamed', { name: fieldWord(kept.key, field.key) })}
        >
          {t('catalogue.change')}
        </Button>
      )}
      {field.custom && field.key !== kept.title && field.key !== kept.party && (
        <Button
          size="compact"
          variant="subtle"
          color="gray"
          onClick={() => void retire(field, !field.retired)}
          aria-label={t(field.retired ? 'catalogue.backNamed' : 'catalogue.retireNamed', { name: fieldWord(kept.key, field.key) })}
        >
          {t(field.retired ? 'catalogue.bringBack' : 'catalogue.retire')}
        </Button>
      )}
    </li>
  );
  return (
    <SettingsPart title={t('catalogue.fields')}>
      {own.length > 0 ? <ul className={classes.rows}>{own.map(row)}</ul> : <p className="pg-secondary">{t('catalogue.fieldsEmpty')}</p>}
      {shown.length > own.length && (
        <details className={classes.more}>
          <summary>{t('catalogue.declaredFields', { count: shown.length - own.length })}</summary>
          <ul className={classes.rows}>{shown.filter((field) => !field.custom).map(row)}</ul>
        </details>
      )}
      {editing && <FieldDialog object={object} field={editing} onClose={() => setEditing(null)} />}
    </SettingsPart>
  );
}

/** What the object is called, one and many, in each language. */
function Names({ kept }: { kept: CatalogueObject }): ReactNode {
  const words = useWords();
  const { t, language } = words;
  const languages = languagesOf(language);
  const [names, setNames] = useState<Record<string, { name: string; plural: string }>>(() =>
    Object.fromEntries(
      languages.map((one, i) => [
        one,
        {
          name: kept.words[one]?.name ?? (i === 0 ? words.object(kept.key) : ''),
          plural: kept.words[one]?.plural ?? (i === 0 ? words.plural(kept.key) : ''),
        },
      ]),
    ),
  );
  const [failure, setFailure] = useState<string | null>(null);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const changed = Object.entries(names).filter(([, { name, plural }]) => name.trim() !== '' && plural.trim() !== '');
      await changeCatalogue('PATCH', `/objects/${kept.key}`, {
        words: Object.fromEntries(changed.map(([one, { name, plural }]) => [one, { name: name.trim(), plural: plural.trim() }])),
      });
      showDone(t('catalogue.renamed'));
    } catch (problem) {
      setFailure(failureText(problem));
    }
  };
  return (
    <SettingsPart title={t('catalogue.names')}>
      <form onSubmit={(event) => void save(event)} className={classes.names}>
        {languages.map((one, i) => (
          <div key={one} className={classes.pair}>
            <TextInput
              label={i === 0 ? t('catalogue.one') : t('catalogue.oneIn', { language: displayName('language', one) })}
              value={names[one]?.name ?? ''}
              onChange={(event) => setNames({ ...names, [one]: { plural: '', ...names[one], name: event.currentTarget.value } })}
              maxLength={80}
            />
            <TextInput
              label={i === 0 ? t('catalogue.many') : t('catalogue.manyIn', { language: displayName('language', one) })}
              value={names[one]?.plural ?? ''}
              onChange={(event) => setNames({ ...names, [one]: { name: '', ...names[one], plural: event.currentTarget.value } })}
              maxLength={80}
            />
          </div>
        ))}
        {failure && <p role="alert">{failure}</p>}
        <Group>
          <Button type="submit" variant="default">
            {t('catalogue.saveNames')}
          </Button>
        </Group>
      </form>
    </SettingsPart>
  );
}

function Retire({ kept }: { kept: CatalogueObject }): ReactNode {
  const { t, plural } = useWords();
  const put = async (): Promise<void> => {
    try {
      await changeCatalogue('PATCH', `/objects/${kept.key}`, { retired: !kept.retired });
    } catch (failure) {
      showFailure(failure);
    }
  };
  return (
    <SettingsPart title={t(kept.retired ? 'catalogue.bringObjectBack' : 'catalogue.retireObject')}>
      <p className="pg-secondary">{t(kept.retired ? 'catalogue.retiredObjectLead' : 'catalogue.retireObjectLead')}</p>
      <Button variant="default" onClick={() => void put()}>
        {t(kept.retired ? 'catalogue.backNamed' : 'catalogue.retireNamed', { name: plural(kept.key) })}
      </Button>
    </SettingsPart>
  );
}
