import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useHotkeys, useMediaQuery } from '@mantine/hooks';
import { IconFileImport, IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ExportMenu } from '../export-menu.tsx';
import { CreateDialog } from '../form/create-dialog.tsx';
import { formatCount } from '../format.ts';
import { iconLook } from '../icons.ts';
import { ButtonLink } from '../links.tsx';
import { fieldOf, useMeta } from '../meta.ts';
import { PageHeader } from '../page-header.tsx';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { ColumnMenu } from './column-menu.tsx';
import { EmptyList } from './empty-list.tsx';
import { FilterBar } from './filter-bar.tsx';
import classes from './list.module.css';
import type { ListSearch } from './list-search.ts';
import { RecordTable } from './record-table.tsx';
import { isBare, nothing, type Selection, selectedWhere } from './selection.ts';
import { SelectionBar } from './selection-bar.tsx';
import { type ListRequest, useRecords } from './use-records.ts';

interface Props {
  object: ObjectMeta;
  search: ListSearch;
}

/** The list of an object: filters, order and columns live in its address. */
export function ListScreen({ object, search }: Props): ReactNode {
  const { t, plural, object: objectWord } = useWords();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const [selection, setSelection] = useState<Selection>(nothing);
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const meta = useMeta();
  const columns = (search.columns ?? object.list.columns).filter((key) => key !== object.title && fieldOf(object, key));
  const sort = search.sort ?? object.list.sort;
  const variant = object.variants ? [object.variants.field] : [];
  const request: ListRequest = { where: search.where, sort, fields: [...new Set([object.title, ...columns, ...variant])] };
  const records = useRecords(object, request);
  const place = `${object.plural}${JSON.stringify([search.where, sort])}`;
  // What is selected belongs to the rows it was selected among.
  const [selectedIn, setSelectedIn] = useState(place);
  if (selectedIn !== place) {
    setSelectedIn(place);
    setSelection(nothing);
  }
  const go = (change: Partial<ListSearch>): void => {
    void navigate({ to: '/o/$plural', params: { plural: object.plural }, search: { ...search, ...change }, replace: true });
  };
  const create = t('form.newTitle', { object: objectWord(object.key).toLowerCase() });
  const open = (): void => setCreating(true);
  // An empty list has its one primary act where the rows would be.
  const bare = !records.pending && records.rows.length === 0 && search.where === undefined;
  useHotkeys([
    ['c', () => object.verbs.create && open()],
    ['f', () => document.querySelector<HTMLButtonElement>('[data-hotkey="filter"]')?.click()],
  ]);
  return (
    <div className={classes.screen}>
      <PageHeader title={plural(object.key)} aside={records.count ? formatCount(records.count) : undefined}>
        {object.verbs.create && (
          <>
            {!phone && meta.may('import') && (
              <ButtonLink
                variant="default"
                size="compact"
                to="/import"
                search={{ object: object.key }}
                leftSection={<IconFileImport {...iconLook} />}
              >
                {t('import.title')}
              </ButtonLink>
            )}
            <Tooltip label={`${create} (C)`}>
              {phone ? (
                <ActionIcon variant="filled" color="accent" size="md" aria-label={create} onClick={open}>
                  <IconPlus size={16} stroke={1.5} />
                </ActionIcon>
              ) : (
                <Button size="compact" variant={bare ? 'default' : 'filled'} onClick={open} leftSection={<IconPlus {...iconLook} />}>
                  {create}
                </Button>
              )}
            </Tooltip>
          </>
        )}
      </PageHeader>
      <div className={classes.toolbar}>
        {isBare(selection) ? (
          <FilterBar object={object} where={search.where} clearable={records.rows.length > 0} onChange={(where) => go({ where })} />
        ) : (
          <SelectionBar
            object={object}
            selection={selection}
            loaded={records.rows.length}
            count={records.count}
            where={selectedWhere(selection, search.where)}
            onAll={() => setSelection({ kind: 'all' })}
            onClear={() => setSelection(nothing)}
          />
        )}
        <div className={classes.toolbarEnd}>
          {!phone && (
            <ColumnMenu
              object={object}
              columns={columns}
              onChange={(next) => go({ columns: next ? [object.title, ...next] : undefined })}
            />
          )}
          <ExportMenu object={object} request={request} />
        </div>
      </div>
      <RecordTable
        object={object}
        columns={columns}
        sort={sort}
        onSort={(next) => go({ sort: next })}
        records={records}
        place={place}
        selection={object.verbs.update || object.verbs.delete ? selection : null}
        onSelect={setSelection}
        empty={
          <EmptyList
            object={object}
            columns={columns}
            filtered={search.where !== undefined}
            failure={records.failure}
            onClear={() => go({ where: undefined })}
            onCreate={open}
            onRetry={records.retry}
          />
        }
      />
      {creating && <CreateDialog object={object} onClose={() => setCreating(false)} />}
    </div>
  );
}
