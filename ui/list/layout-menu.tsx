import { Button, Menu } from '@mantine/core';
import { IconCalendar, IconCheck, IconLayoutKanban, IconStack2, IconTable, IconTimeline, type TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { iconLook } from '../icons.ts';
import { MenuButton } from '../menu-button.tsx';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { densities, useDensity } from './density.ts';
import { boardField, calendarField, isBoardField, isGroupable } from './groups.ts';
import { type Layout, type ListState, layouts } from './list-search.ts';

const icons: Record<Layout, TablerIcon> = { table: IconTable, board: IconLayoutKanban, calendar: IconCalendar, timeline: IconTimeline };

const tick = (chosen: boolean): ReactNode => (chosen ? <IconCheck {...iconLook} /> : undefined);

interface Props {
  object: ObjectMeta;
  state: ListState;
  onChange: (change: ListState) => void;
}

/** Layouts that the fields of an object allow. */
function layoutsOf(object: ObjectMeta): Layout[] {
  const able: Record<Layout, boolean> = {
    table: true,
    board: boardField(object, undefined) !== undefined,
    calendar: calendarField(object, undefined) !== undefined,
    timeline: object.span !== undefined,
  };
  return layouts.filter((layout) => able[layout]);
}

/** How the rows are laid out: table, board, calendar or timeline, and by which field. */
export function LayoutMenu({ object, state, onChange, phone }: Props & { phone: boolean }): ReactNode {
  const { t, field: fieldWord } = useWords();
  const [density, setDensity] = useDensity();
  const able = layoutsOf(object);
  const layout = able.find((one) => one === state.layout) ?? 'table';
  const Icon = icons[layout];
  const word = (field: FieldMeta): string => fieldWord(object.key, field.key);
  const on = boardField(object, state.group)?.key;
  const by = calendarField(object, state.date)?.key;
  const dates = object.fields.filter((field) => (field.type === 'date' || field.type === 'dateTime') && field.filterable && !field.hidden);
  return (
    <MenuButton
      position="bottom-end"
      width={216}
      button={(props) => (
        <Button
          {...props}
          size="compact"
          variant="subtle"
          color="gray"
          leftSection={phone ? undefined : <Icon {...iconLook} />}
          aria-label={phone ? t('layout.title') : undefined}
          px={phone ? 8 : undefined}
        >
          {phone ? <Icon {...iconLook} /> : t(`layout.${layout}`)}
        </Button>
      )}
    >
      {() => (
        <>
          {' '}
          {able.map((one) => {
            const Own = icons[one];
            return (
              <Menu.Item
                key={one}
                leftSection={<Own {...iconLook} />}
                rightSection={tick(one === layout)}
                onClick={() => onChange({ layout: one === 'table' ? undefined : one })}
              >
                {t(`layout.${one}`)}
              </Menu.Item>
            );
          })}
          {layout === 'board' && (
            <>
              <Menu.Label>{t('layout.boardBy')}</Menu.Label>
              {object.fields.filter(isBoardField).map((field) => (
                <Menu.Item key={field.key} rightSection={tick(field.key === on)} onClick={() => onChange({ group: field.key })}>
                  {word(field)}
                </Menu.Item>
              ))}
            </>
          )}
          {layout === 'calendar' && (
            <>
              <Menu.Label>{t('layout.calendarBy')}</Menu.Label>
              {dates.map((field) => (
                <Menu.Item key={field.key} rightSection={tick(field.key === by)} onClick={() => onChange({ date: field.key })}>
                  {word(field)}
                </Menu.Item>
              ))}
            </>
          )}
          {layout === 'table' && !phone && (
            <>
              <Menu.Label>{t('density.title')}</Menu.Label>
              {densities.map((one) => (
                <Menu.Item key={one} rightSection={tick(one === density)} onClick={() => setDensity(one)}>
                  {t(`density.${one}`)}
                </Menu.Item>
              ))}
            </>
          )}
        </>
      )}
    </MenuButton>
  );
}

/** By which field the rows of a table are grouped. */
export function GroupMenu({ object, state, onChange }: Props): ReactNode {
  const { t, field: fieldWord, inSentence } = useWords();
  const chosen = object.fields.find((field) => field.key === state.group && isGroupable(field));
  return (
    <MenuButton
      position="bottom-end"
      width={216}
      scrolling
      button={(props) => (
        <Button {...props} size="compact" variant="subtle" color="gray" leftSection={<IconStack2 {...iconLook} />}>
          {chosen ? t('group.by', { field: inSentence(fieldWord(object.key, chosen.key)) }) : t('group.title')}
        </Button>
      )}
    >
      {() => (
        <>
          {' '}
          <Menu.Item rightSection={tick(chosen === undefined)} onClick={() => onChange({ group: undefined })}>
            {t('group.not')}
          </Menu.Item>
          <Menu.Divider />
          {object.fields.filter(isGroupable).map((field) => (
            <Menu.Item key={field.key} rightSection={tick(field === chosen)} onClick={() => onChange({ group: field.key })}>
              {fieldWord(object.key, field.key)}
            </Menu.Item>
          ))}
        </>
      )}
    </MenuButton>
  );
}
