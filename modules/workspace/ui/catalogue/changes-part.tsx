import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { formatDateTime, formatRelative } from '#ui/format.ts';
import { showFailure } from '#ui/notify.tsx';
import { SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import classes from './catalogue.module.css';
import { type CatalogueChange, changeCatalogue, changesQuery } from './catalogue.ts';

/** What was changed about objects and fields, by whom; the latest of each can be taken back. */
export function ChangesPart(): ReactNode {
  const { t } = useWords();
  const query = useQuery(changesQuery);
  const said = useSaid();
  if (!query.data || query.data.length === 0) return null;
  const undo = async ({ version }: CatalogueChange): Promise<void> => {
    try {
      await changeCatalogue('POST', `/changes/${version}/undo`);
    } catch (failure) {
      showFailure(failure);
    }
  };
  const later = new Set<string>();
  return (
    <SettingsPart title={t('catalogue.changes')}>
      <ul className={classes.rows}>
        {query.data.map((change) => {
          const paths = change.edits.map(({ path }) => path);
          const isLatest = !paths.some((path) => later.has(path));
          for (const path of paths) later.add(path);
          return (
            <li key={change.version}>
              <span className={classes.grow}>
                <span>{said(change)}</span>
                <span className={classes.quiet} title={formatDateTime(change.at)}>
                  {t('catalogue.byWhom', { name: change.actor.name, when: formatRelative(change.at) })}
                </span>
              </span>
              {isLatest && change.undoneBy === null && (
                <Button
                  size="compact"
                  variant="subtle"
                  onClick={() => void undo(change)}
                  aria-label={t('catalogue.undoNamed', { what: said(change) })}
                >
                  {t('action.undo')}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </SettingsPart>
  );
}

/** A change in words: what was made, changed, retired or brought back. */
function useSaid(): (change: CatalogueChange) => string {
  const { t, plural, field } = useWords();
  return ({ edits, undoes }) => {
    const [edit] = edits;
    if (!edit) return '';
    const [kind, path = ''] = edit.path.split(' ');
    const [object = '', key] = path.split('.');
    const what = key === undefined ? plural(object) : t('catalogue.fieldOf', { field: field(object, key), object: plural(object) });
    if (undoes !== null) return t('catalogue.did.undone', { what });
    if (kind === 'layout') return t('catalogue.did.layout', { what });
    if (edit.before === null && kind !== 'adjustment') return t('catalogue.did.made', { what });
    if (edit.before?.retired !== edit.after?.retired && (edit.before?.retired === true || edit.after?.retired === true))
      return t(edit.after?.retired ? 'catalogue.did.retired' : 'catalogue.did.back', { what });
    return t('catalogue.did.changed', { what });
  };
}
