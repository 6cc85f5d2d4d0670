import { Alert, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { failureText } from '#ui/failure.ts';
import { iconLook, iconOf } from '#ui/icons.ts';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import classes from './catalogue.module.css';
import { type CatalogueObject, catalogueQuery } from './catalogue.ts';
import { ChangesPart } from './changes-part.tsx';
import { NewObjectDialog } from './new-object-dialog.tsx';

/** All objects: those of the company first, then what Perigon and its modules bring. */
export function ObjectsScreen(): ReactNode {
  const { t } = useWords();
  const query = useQuery(catalogueQuery);
  const [making, setMaking] = useState(false);
  const objects = query.data?.objects.filter((object) => !object.sealed) ?? [];
  const own = objects.filter((object) => object.custom);
  return (
    <SettingsFrame title={t('catalogue.title')} acts={<Button onClick={() => setMaking(true)}>{t('catalogue.newObject')}</Button>}>
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data && (
        <>
          {query.data.faults.length > 0 && (
            <Alert color="warning" variant="light" title={t('catalogue.faults')}>
              {query.data.faults.map((fault) => (
                <p key={fault}>{fault}</p>
              ))}
            </Alert>
          )}
          <SettingsPart title={t('catalogue.own')}>
            {own.length > 0 ? <Objects objects={own} /> : <p className="pg-secondary">{t('catalogue.ownEmpty')}</p>}
          </SettingsPart>
          <SettingsPart title={t('catalogue.declared')}>
            <Objects objects={objects.filter((object) => !object.custom)} />
          </SettingsPart>
          <ChangesPart />
        </>
      )}
      {making && <NewObjectDialog onClose={() => setMaking(false)} />}
    </SettingsFrame>
  );
}

function Objects({ objects }: { objects: readonly CatalogueObject[] }): ReactNode {
  const { t, plural } = useWords();
  return (
    <ul className={classes.objects}>
      {objects.map((object) => {
        const Icon = iconOf(object.icon);
        const ownFields = object.fields.filter((field) => field.custom && !field.retired && !field.derived).length;
        return (
          <li key={object.key}>
            <Link className={classes.object} to="/settings/objects/$object" params={{ object: object.key }}>
              <Icon {...iconLook} />
              <span className={classes.grow}>{plural(object.key)}</span>
              {object.retired && <span className={classes.mark}>{t('catalogue.retired')}</span>}
              {ownFields > 0 && !object.custom && <span className={classes.quiet}>{t('catalogue.ownFields', { count: ownFields })}</span>}
              {object.custom && <span className={classes.quiet}>{t('catalogue.fieldCount', { count: ownFields })}</span>}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
