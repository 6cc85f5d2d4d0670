import { Combobox, Input, InputBase, Loader, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSelector } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { get, post } from '../api.ts';
import { useMeta } from '../meta.ts';
import type { Named, ObjectMeta, Page, SearchHit } from '../wire.ts';
import { useWords } from '../words.ts';

/** The first records by title while nothing is typed, then what the search finds; of those that meet a condition, where there is one. */
export async function lookUp(
  target: ObjectMeta,
  typed: string,
  signal: AbortSignal,
  among?: unknown,
): Promise<(Named & { detail: string | null })[]> {
  if (among !== undefined) {
    const where = typed === '' ? among : { all: [among, { field: target.title, op: 'contains', value: typed }] };
    const page = await post<Page>(`/${target.plural}/query`, { where, fields: [target.title], sort: [target.title], limit: 20 }, signal);
    return page.items.map((item) => ({ id: item.id, name: String(item[target.title] ?? ''), detail: null }));
  }
  if (typed === '') {
    const page = await post<Page>(`/${target.plural}/query`, { fields: [target.title], sort: [target.title], limit: 20 }, signal);
    return page.items.map((item) => ({ id: item.id, name: String(item[target.title] ?? ''), detail: null }));
  }
  const answer = await get<{ items: SearchHit[] }>('/search', { q: typed, objects: target.key, limit: 20 }, signal);
  if (answer.items.length > 0) return answer.items.map((hit) => ({ id: hit.id, name: hit.title, detail: hit.subtitle }));
  // Some objects are left out of the search, and it finds beginnings of words only.
  const where = { field: target.title, op: 'contains', value: typed };
  const page = await post<Page>(`/${target.plural}/query`, { where, fields: [target.title], sort: [target.title], limit: 20 }, signal);
  return page.items.map((item) => ({ id: item.id, name: String(item[target.title] ?? ''), detail: null }));
}

/** Records of an object by name, for pickers and filters. */
export function useLookUp(
  object: string | undefined,
  typed: string,
  enabled: boolean,
  among?: unknown,
): { found: (Named & { detail: string | null })[]; loading: boolean; failed: boolean } {
  const target = useMeta().object(object);
  const [asked] = useDebouncedValue(typed.trim(), 120);
  const query = useQuery({
    queryKey: ['look-up', object, asked, among],
    queryFn: ({ signal }) => (target ? lookUp(target, asked, signal, among) : Promise.resolve([])),
    enabled: enabled && target !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  return { found: query.data ?? [], loading: query.isFetching, failed: query.isError };
}

interface PickerProps {
  object: string | undefined;
  value: Named | null;
  onChange: (value: Named | null) => void;
  label?: ReactNode;
  ariaLabel: string;
  placeholder?: string;
  error?: ReactNode;
  autoFocus?: boolean;
  required?: boolean;
  clearable?: boolean;
  /** The condition that what is offered meets. */
  among?: unknown;
  /** Inside a popover the list must not leave it, or a click in it would close the popover. */
  withinPortal?: boolean;
}

/** Chooses one record by typing part of its name. */
export function RecordPicker({
  object,
  value,
  onChange,
  label,
  ariaLabel,
  placeholder,
  error,
  autoFocus,
  required,
  clearable = true,
  among,
  withinPortal = true,
}: PickerProps): ReactNode {
  const { t } = useWords();
  const [typed, setTyped] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setTyped('');
    },
    onDropdownOpen: () => combobox.selectFirstOption(),
  });
  const { found, loading, failed } = useLookUp(object, typed, combobox.dropdownOpened, among);
  const { dropdownOpened, selectFirstOption } = combobox;
  const firstFound = found[0]?.id;
  // Enter takes the first hit, as soon as there is one.
  useEffect(() => {
    if (dropdownOpened && firstFound) selectFirstOption();
  }, [dropdownOpened, firstFound, selectFirstOption]);
  return (
    <Combobox
      store={combobox}
      withinPortal={withinPortal}
      onOptionSubmit={(id) => {
        const hit = found.find((entry) => entry.id === id);
        if (hit) onChange({ id: hit.id, name: hit.name });
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target>
        <InputBase
          label={label}
          aria-label={ariaLabel}
          error={error}
          withAsterisk={required}
          autoFocus={autoFocus}
          // A dialog would otherwise give the focus to its first control.
          data-autofocus={autoFocus || undefined}
          placeholder={placeholder ?? t('picker.search')}
          value={combobox.dropdownOpened ? typed : (value?.name ?? '')}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            combobox.openDropdown();
            combobox.updateSelectedOptionIndex();
          }}
          // Opened to be filled in, it offers at once; passed in a form, it does not cover what follows.
          onFocus={() => autoFocus && combobox.openDropdown()}
          onClick={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          rightSectionPointerEvents={value && clearable ? 'auto' : 'none'}
          rightSection={
            loading && combobox.dropdownOpened ? (
              <Loader size={14} />
            ) : value && clearable ? (
              <Input.ClearButton
                aria-label={t('picker.clear')}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => onChange(null)}
              />
            ) : (
              <IconSelector size={16} stroke={1.5} />
            )
          }
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={280} aria-label={ariaLabel} style={{ overflowY: 'auto' }}>
          {found.map((entry) => (
            <Combobox.Option key={entry.id} value={entry.id} active={entry.id === value?.id}>
              <div className="pg-ellipsis">{entry.name}</div>
              {entry.detail && <div className="pg-meta pg-ellipsis">{entry.detail}</div>}
            </Combobox.Option>
          ))}
          {found.length === 0 && !loading && <Combobox.Empty>{t(failed ? 'picker.failed' : 'picker.nothing')}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
