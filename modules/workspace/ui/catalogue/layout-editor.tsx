import { ActionIcon, Alert, Button, Checkbox, Group, MultiSelect, SegmentedControl, Select, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { failureText } from '#ui/failure.ts';
import { MovableRow, type Place, reordered } from '#ui/form/movable-row.tsx';
import { sectionTitle } from '#ui/form/sections.ts';
import { iconLook } from '#ui/icons.ts';
import { showDone } from '#ui/notify.tsx';
import type { FormSection, ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './catalogue.module.css';
import { type CatalogueObject, changeCatalogue } from './catalogue.ts';
import { ConditionInput } from './condition-input.tsx';
import { languagesOf } from './languages.ts';

/** A section as it is edited. */
interface Draft extends FormSection {
  title: string;
}

/** How the forms of an object are arranged: sections, their order and conditions, which field stands where and how wide; list columns. */
export function LayoutEditor({ kept, object }: { kept: CatalogueObject; object: ObjectMeta }): ReactNode {
  const words = useWords();
  const { t, option, field: fieldWord, language } = words;
  const [speaking = 'en'] = languagesOf(language);
  const variants = kept.variants ? Object.keys(kept.variants.forms) : [''];
  const opening = (): Record<string, Draft[]> =>
    Object.fromEntries(
      variants.map((variant) => [
        variant,
        (kept.variants?.forms[variant] ?? kept.form).map((section) => ({ ...section, title: sectionTitle(words, kept.key, section.key) })),
      ]),
    );
  const [forms, setForms] = useState(opening);
  const [columns, setColumns] = useState(kept.columns);
  const [variant, setVariant] = useState(variants[0] ?? '');
  const [failure, setFailure] = useState<string | null>(null);
  const [changed, setChanged] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const sections = forms[variant] ?? [];
  const put = (next: Draft[]): void => {
    setForms({ ...forms, [variant]: next });
    setChanged(true);
  };
  const change = (at: number, to: Partial<Draft>): void => put(sections.map((section, i) => (i === at ? { ...section, ...to } : section)));
  const fields = new Map(kept.fields.filter((field) => !field.retired).map((field) => [field.key, field]));
  const placed = new Set(sections.flatMap((section) => section.fields));
  const spare = [...fields.values()].filter((field) => !placed.has(field.key) && field.key !== 'externalIds');
  const name = (key: string): string => fieldWord(kept.key, key);
  const focus = (key: string): void => {
    requestAnimationFrame(() => root.current?.querySelector<HTMLElement>(`[data-field="${key}"]`)?.focus());
  };

  /** A field to another place, of its section or another one. */
  const move = (from: Place, to: Place): void => {
    const key = sections.find((section) => section.key === from.list)?.fields[from.at];
    if (key === undefined) return;
    put(
      sections.map((section) => {
        if (section.key === from.list && section.key === to.list) return { ...section, fields: reordered(section.fields, from.at, to.at) };
        if (section.key === from.list)
          return {
            ...section,
            fields: section.fields.filter((other) => other !== key),
            wide: section.wide?.filter((other) => other !== key),
          };
        if (section.key === to.list)
          return { ...section, fields: [...section.fields.slice(0, to.at), key, ...section.fields.slice(to.at)] };
        return section;
      }),
    );
    focus(key);
  };
  /** One place further, over the edge into the section beside. */
  const step = (at: number, index: number, by: -1 | 1): void => {
    const section = sections[at];
    const beside = sections[at + by];
    if (!section) return;
    const inside = index + by >= 0 && index + by < section.fields.length;
    if (inside) move({ list: section.key, at: index }, { list: section.key, at: index + by });
    else if (beside) move({ list: section.key, at: index }, { list: beside.key, at: by === 1 ? 0 : beside.fields.length });
  };
  const moveSection = (at: number, by: -1 | 1): void => put(reordered(sections, at, at + by));
  const written = (drafts: readonly Draft[]): FormSection[] =>
    drafts.map(({ key, fields: keys, columns: wideness, wide, when }) => ({
      key,
      fields: keys,
      ...(wideness === 2
        ? { columns: 2 as const, ...(wide && wide.length > 0 ? { wide: wide.filter((one) => keys.includes(one)) } : {}) }
        : {}),
      ...(when ? { when } : {}),
    }));

  const save = async (whole: boolean): Promise<void> => {
    setFailure(null);
    const titles = Object.fromEntries(Object.values(forms).flatMap((drafts) => drafts.map(({ key, title }) => [key, title.trim()])));
    try {
      await changeCatalogue(
        'PUT',
        `/objects/${kept.key}/layout`,
        whole
          ? {
              ...(kept.variants
                ? { forms: Object.fromEntries(Object.entries(forms).map(([key, drafts]) => [key, written(drafts)])) }
                : { form: written(sections) }),
              columns,
              words: {
                ...kept.sectionWords,
                [speaking]: {
                  ...kept.sectionWords[speaking],
                  ...Object.fromEntries(Object.entries(titles).filter(([, title]) => title !== '')),
                },
              },
            }
          : {},
      );
      setChanged(false);
      showDone(t('catalogue.layoutSaved'));
    } catch (problem) {
      setFailure(failureText(problem));
    }
  };

  return (
    <div ref={root}>
      <p className="pg-secondary">{t('catalogue.layoutLead')}</p>
      {failure && (
        <Alert color="danger" variant="light" role="alert" mb="md">
          {failure}
        </Alert>
      )}
      {kept.variants && (
        <SegmentedControl
          aria-label={name(kept.variants.field)}
          mb="md"
          value={variant}
          onChange={setVariant}
          data={variants.map((one) => ({ value: one, label: option(kept.key, kept.variants?.field ?? '', one) }))}
        />
      )}
      {sections.map((section, at) => (
        <section key={section.key} className={classes.layout} aria-label={section.title}>
          <Group gap="xs" wrap="nowrap" align="flex-end">
            <TextInput
              className={classes.grow}
              label={t('catalogue.sectionName')}
              value={section.title}
              onChange={(event) => change(at, { title: event.currentTarget.value })}
              maxLength={80}
            />
            <Group gap={0} wrap="nowrap">
              <Tooltip label={t('move.up', { name: section.title })}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('move.up', { name: section.title })}
                  disabled={at === 0}
                  onClick={() => moveSection(at, -1)}
                >
                  <IconArrowUp {...iconLook} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label={t('move.down', { name: section.title })}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('move.down', { name: section.title })}
                  disabled={at === sections.length - 1}
                  onClick={() => moveSection(at, 1)}
                >
                  <IconArrowDown {...iconLook} />
                </ActionIcon>
              </Tooltip>
              {section.fields.length === 0 && (
                <Tooltip label={t('catalogue.removeNamed', { name: section.title })}>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t('catalogue.removeNamed', { name: section.title })}
                    onClick={() => put(sections.filter((_, i) => i !== at))}
                  >
                    <IconX {...iconLook} />
                  </ActionIcon>
                </Tooltip>
              )}
            </Group>
          </Group>
          <div className={classes.sectionOptions}>
            <Checkbox
              label={t('catalogue.twoColumns')}
              checked={section.columns === 2}
              onChange={(event) => change(at, { columns: event.currentTarget.checked ? 2 : 1 })}
            />
            <ConditionInput
              object={object}
              label={t('catalogue.sectionWhen')}
              empty={t('catalogue.always')}
              value={section.when}
              onChange={(when) => change(at, { when })}
            />
          </div>
          <ul className={classes.rows}>
            {section.fields.map((key, index) => {
              const field = fields.get(key);
              const wide = section.wide?.includes(key) === true;
              return (
                <MovableRow
                  key={key}
                  data-field={key}
                  tabIndex={-1}
                  group="layout"
                  place={{ list: section.key, at: index }}
                  name={name(key)}
                  first={at === 0 && index === 0}
                  last={at === sections.length - 1 && index === section.fields.length - 1}
                  onMove={move}
                  onStep={(by) => step(at, index, by)}
                  acts={
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t('catalogue.outNamed', { name: name(key) })}
                      disabled={field?.required}
                      onClick={() => change(at, { fields: section.fields.filter((one) => one !== key) })}
                    >
                      <IconX {...iconLook} />
                    </ActionIcon>
                  }
                >
                  <span className={classes.grow}>
                    <span className={classes.strong}>{name(key)}</span>
                    {field?.required && <span className={classes.mark}>{t('catalogue.needed')}</span>}
                  </span>
                  {section.columns === 2 && (
                    <Checkbox
                      label={t('catalogue.fullWidth')}
                      checked={wide}
                      onChange={() =>
                        change(at, { wide: wide ? section.wide?.filter((one) => one !== key) : [...(section.wide ?? []), key] })
                      }
                    />
                  )}
                </MovableRow>
              );
            })}
          </ul>
          {spare.length > 0 && (
            <Select
              aria-label={t('catalogue.addTo', { name: section.title })}
              placeholder={t('catalogue.addField')}
              searchable
              value={null}
              data={spare.map(({ key }) => ({ value: key, label: name(key) }))}
              onChange={(key) => key && change(at, { fields: [...section.fields, key] })}
            />
          )}
        </section>
      ))}
      <Group mt="md" gap="sm">
        <Button
          variant="default"
          leftSection={<IconPlus {...iconLook} />}
          onClick={() => put([...sections, { key: `section${Date.now().toString(36)}`, fields: [], title: t('catalogue.newSection') }])}
        >
          {t('catalogue.addSection')}
        </Button>
      </Group>
      <MultiSelect
        mt="lg"
        label={t('catalogue.columns')}
        description={t('catalogue.columnsHint')}
        searchable
        value={columns}
        data={[
          ...columns.filter((key) => key.includes('.')).map((key) => ({ value: key, label: key })),
          ...['createdAt', 'updatedAt', ...fields.keys()]
            .filter((key) => key !== 'externalIds')
            .map((key) => ({ value: key, label: name(key) })),
        ]}
        onChange={(next) => {
          setColumns(next);
          setChanged(true);
        }}
      />
      <Group mt="lg" gap="sm">
        <Button disabled={!changed || columns.length === 0} onClick={() => void save(true)}>
          {t('catalogue.saveLayout')}
        </Button>
        {kept.arranged && (
          <Button variant="default" onClick={() => void save(false)}>
            {t('catalogue.resetLayout')}
          </Button>
        )}
      </Group>
    </div>
  );
}
