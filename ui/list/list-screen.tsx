import { ActionIcon, Button } from '@mantine/core';
import { useHotkeys, useMediaQuery } from '@mantine/hooks';
import { IconFileImport, IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, memo, type ReactNode, Suspense, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { ExportMenu } from '../export-menu.tsx';
import { CreateDialog } from '../form/create-dialog.tsx';
import { formatCount } from '../format.ts';
import { iconLook } from '../icons.ts';
import { Later } from '../later.tsx';
import { ButtonLink } from '../links.tsx';
import { fieldOf, useMeta } from '../meta.ts';
import { PageHeader } from '../page-header.tsx';
import { PeekBeside } from '../record/peek-beside.tsx';
import { usePeekAddress } from '../record/use-peek-address.ts';
import { Tip } from '../tip.tsx';
import { useHandler } from '../use-handler.ts';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { Board } from './board.tsx';
import { ColumnMenu } from './column-menu.tsx';
import { EmptyList } from './empty-list.tsx';
import { FilterBar } from './filter-bar.tsx';
import { boardField, calendarField, isGroupable } from './groups.ts';
import { GroupMenu, LayoutMenu } from './layout-menu.tsx';
import classes from './list.module.css';
import { type ListSearch, type ListState, saysAnything } from './list-search.ts';
import { RecordTable } from './record-table.tsx';
import { isBare, nothing, type Selection, selectedWhere } from './selection.ts';
import { SelectionBar } from './selection-bar.tsx';
import { useGroups } from './use-figures.ts';
import { type ListRequest, useRecords } from './use-records.ts';
import { ViewMenu } from './view-menu.tsx';
import { firstView, listState, noView, useListViews, type View } from './views.ts';

// The calendar's own code comes with the first calendar.
const Calendar = lazy(() => import('./calendar.tsx').then((file) => ({ default: file.Calendar })));
const Timeline = lazy(() => import('./timeline.tsx').then((file) => ({ default: file.Timeline })));

const none: View[] = [];

interface Props {
  object: ObjectMeta;
  search: ListSearch;
}

/** The list of an object: filters, order and columns live in its address. */
export const ListScreen = memo(function ListScreen({ object, search }: Props): ReactNode {
  const { t, plural, object: objectWord, inSentence } = useWords();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const [selection, setSelection] = useState<Selection>(nothing);
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const meta = useMeta();
  const views = useListViews(object);
  // Where the address says nothing the first view is what is shown, at once: the address only says so afterwards.
  const first = search.view === undefined && views && !saysAnything(listState(search, undefined)) ? firstView(views) : undefined;
  const view = views?.find((one) => one.id === search.view) ?? first;
  // The same for as long as the address is: parts that take it are not drawn again because rows came.
  const state = useMemo(() => listState(search, view), [search, view]);
  const edited = view ? search.edited === true : saysAnything(state);
  useEffect(() => {
    if (first)
      void navigate({ to: '/o/$plural', params: { plural: object.plural }, search: { view: first.id, peek: search.peek }, replace: true });
  }, [first, navigate, object.plural, search.peek]);
  const peek = usePeekAddress(
    search.peek,
    (id, step) => void navigate({ to: '/o/$plural', params: { plural: object.plural }, search: { ...search, peek: id }, ...step }),
  );
  const peeked = useMemo(() => (search.peek === undefined ? null : { object, id: search.peek }), [object, search.peek]);
  const asked = (state.columns ?? object.list.columns).join();
  // The same array for as long as it holds the same: rows are drawn again only when something changed.
  const fields = useMemo(
    () =>
      asked
        .split(',')
        .filter((key) => key !== object.title)
        .map((key) => fieldOf(object, key))
        .filter((field): field is FieldMeta => field !== undefined),
    [object, asked],
  );
  const columns = useMemo(() => fields.map((field) => field.key), [fields]);
  const sort = state.sort ?? object.list.sort;
  const request = useMemo((): ListRequest => {
    const shown = [
      object.title,
      ...columns,
      ...(object.variants ? [object.variants.field] : []),
      ...(object.picture ? [object.picture] : []),
    ];
    return { where: state.where, sort, fields: [...new Set(shown)] };
  }, [object, columns, state.where, sort]);
  const records = useRecords(object, request);
  const layout = state.layout ?? 'table';
  const grouped = layout === 'table' ? object.fields.find((field) => field.key === state.group && isGroupable(field)) : undefined;
  const groups = useGroups(object, grouped, state.where, fields);
  const frame = `${object.plural}${JSON.stringify([sort, grouped?.key])}`;
  const place = `${frame}${JSON.stringify(state.where ?? null)}`;
  // What is selected belongs to the rows it was selected among.
  const [selectedIn, setSelectedIn] = useState(place);
  if (selectedIn !== place) {
    setSelectedIn(place);
    setSelection(nothing);
  }
  // Under another filter the rows that are there stay, as they are drawn, until the answer has come.
  const stale = records.stale || (grouped !== undefined && groups.stale);
  const [settled, setSettled] = useState({ frame, place });
  const at = stale && settled.frame === frame ? settled.place : place;
  if (settled.place !== at || settled.frame !== frame) setSettled({ frame, place: at });
  const go = useHandler((change: ListState): void => {
    void navigate({
      to: '/o/$plural',
      params: { plural: object.plural },
      search: {
        view: search.view ?? first?.id ?? (views && firstView(views) ? noView : undefined),
        ...state,
        ...change,
        edited: view ? true : undefined,
        peek: search.peek,
      },
      replace: true,
    });
  });
  const filter = useHandler((where: ListState['where']): void => go({ where }));
  const create = t('form.newTitle', { object: inSentence(objectWord(object.key)) });
  const open = (): void => setCreating(true);
  // An empty list has its one primary act where the rows would be.
  // What the object itself leaves out at first is no filter of anybody's.
  const filtered = state.where !== undefined && !(view?.builtIn && view.default !== null && !search.edited);
  const bare = !records.pending && records.rows.length === 0 && !filtered;
  useHotkeys([
    ['c', () => object.verbs.create && open()],
    ['f', () => document.querySelector<HTMLButtonElement>('[data-hotkey="filter"]')?.click()],
  ]);
  const empty = (
    <EmptyList
      object={object}
      columns={columns}
      filtered={filtered}
      failure={records.failure}
      onClear={() => go({ where: undefined })}
      onCreate={open}
      onRetry={records.retry}
    />
  );
  const nothingThere = !records.pending && records.rows.length === 0;
  const onBoard = layout === 'board' ? boardField(object, state.group) : undefined;
  const byDate = layout === 'calendar' ? calendarField(object, state.date) : undefined;
  const rows =
    onBoard && nothingThere ? (
      empty
    ) : onBoard ? (
      <Board key={`${object.key}.${onBoard.key}`} object={object} field={onBoard} where={state.where} sort={sort} peek={peek} />
    ) : layout === 'timeline' && object.span ? (
      <Suspense fallback={<div className={classes.empty} />}>
        <Timeline key={object.key} object={object} span={object.span} where={state.where} peek={peek} />
      </Suspense>
    ) : byDate ? (
      <Suspense fallback={<div className={classes.empty} />}>
        <Calendar key={byDate.key} object={object} field={byDate} where={state.where} peek={peek} />
      </Suspense>
    ) : (
      <RecordTable
        // Another list begins at its own top, or where it was left.
        key={at}
        object={object}
        fields={fields}
        request={request}
        records={records}
        grouping={grouped ? { field: grouped, groups } : null}
        state={state}
        onChange={go}
        place={at}
        selection={object.verbs.update || object.verbs.delete ? selection : null}
        onSelect={setSelection}
        peek={peek}
        empty={empty}
      />
    );
  const drawn = useInSlices(rows, at, frame);
  const screen = (
    <div className={classes.screen}>
      <PageHeader
        title={view?.name ?? plural(object.key)}
        after={<ViewMenu object={object} views={views ?? none} view={view} state={state} edited={edited} />}
        aside={records.count ? formatCount(records.count) : undefined}
      >
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
            <Tip label={`${create} (C)`}>
              {phone ? (
                <ActionIcon variant="filled" color="accent" size="md" aria-label={create} onClick={open}>
                  <IconPlus size={16} stroke={1.5} />
                </ActionIcon>
              ) : (
                <Button size="compact" variant={bare ? 'default' : 'filled'} onClick={open} leftSection={<IconPlus {...iconLook} />}>
                  {create}
                </Button>
              )}
            </Tip>
          </>
        )}
      </PageHeader>
      <div className={classes.toolbar}>
        {isBare(selection) ? (
          <FilterBar object={object} where={state.where} clearable={records.rows.length > 0} onChange={filter} />
        ) : (
          <SelectionBar
            object={object}
            selection={selection}
            loaded={records.rows.length}
            count={records.count}
            where={selectedWhere(selection, state.where)}
            onAll={() => setSelection({ kind: 'all' })}
            onClear={() => setSelection(nothing)}
          />
        )}
        <div className={classes.toolbarEnd}>
          <Later steps={2}>
            <ListMenus object={object} state={state} columns={columns} request={request} onChange={go} phone={phone === true} />
          </Later>
        </div>
      </div>
      <Later>{drawn}</Later>
      {creating && <CreateDialog object={object} onClose={() => setCreating(false)} />}
    </div>
  );
  return (
    <PeekBeside target={peeked} onClose={peek.close}>
      {screen}
    </PeekBeside>
  );
});

/**
 * An element that another filter makes anew is drawn in slices between which the page answers; until it is ready what was drawn
 * last stays. Everything else that changes in it is drawn at once.
 */
function useInSlices(element: ReactNode, at: string, frame: string): ReactNode {
  const ready = useDeferredValue(at);
  const readyFrame = useDeferredValue(frame);
  const drawn = useRef(element);
  const now = ready === at || readyFrame !== frame ? element : drawn.current;
  useEffect(() => {
    drawn.current = now;
  });
  return now;
}

/** The menus at the end of the toolbar: how the rows are laid out, grouped and saved as a file. */
const ListMenus = memo(function ListMenus({
  object,
  state,
  columns,
  request,
  onChange,
  phone,
}: {
  object: ObjectMeta;
  state: ListState;
  columns: string[];
  request: ListRequest;
  onChange: (change: ListState) => void;
  phone: boolean;
}): ReactNode {
  const isTable = (state.layout ?? 'table') === 'table';
  return (
    <>
      <LayoutMenu object={object} state={state} onChange={onChange} phone={phone} />
      {!phone && isTable && <GroupMenu object={object} state={state} onChange={onChange} />}
      {!phone && isTable && (
        <ColumnMenu
          object={object}
          columns={columns}
          onChange={(next) => onChange({ columns: next ? [object.title, ...next] : undefined })}
        />
      )}
      <ExportMenu object={object} request={request} />
    </>
  );
});
