import { Checkbox, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError } from '#ui/api.ts';
import { problemText, refusalText } from '#ui/failure.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { displayName } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import {
  type CatalogueField,
  changeCatalogue,
  type FieldWords,
  INDEXED,
  optionKey,
  SEARCHED,
  type Spoken,
  TYPES,
  UNIQUE,
} from './catalogue.ts';
import { ConditionInput } from './condition-input.tsx';
import { FormulaInput, type Tried } from './formula-input.tsx';
import { languagesOf } from './languages.ts';
import { type OptionDraft, OptionsEditor } from './options-editor.tsx';
import { draftOf, NO_ROLL_UP, type RollUpDraft, RollUpInput, rollUpOf } from './roll-up-input.tsx';

interface Props {
  object: ObjectMeta;
  /** The field to change; a new one is made without it. */
  field?: CatalogueField;
  onClose: () => void;
}

interface Draft {
  type: string;
  labels: Record<string, string>;
  to: string | null;
  options: OptionDraft[];
  pattern: string;
  scale: number | null;
  expression: string;
  /** As what the number of a formula is shown. */
  as: 'percent' | 'integer' | 'decimal' | null;
  /** The select field whose options a formula gives. */
  optionsOf: string | null;
  rollUp: RollUpDraft;
  required: boolean;
  requiredWhen: unknown;
  shownWhen: unknown;
  unique: boolean;
  index: boolean;
  search: boolean;
}

const hasOptions = (type: string): boolean => type === 'select' || type === 'multiSelect';
/** As what a formula may show the number it gives. */
const NUMBERS: ReadonlySet<string> = new Set(['decimal', 'integer', 'percent']);
const leads = (type: string): boolean => type === 'reference' || type === 'manyToMany';

/** Makes a field or changes one: its words, what it holds, when it is needed. */
export function FieldDialog({ object, field, onClose }: Props): ReactNode {
  const words = useWords();
  const { t, plural, option: optionWord, field: fieldWord, language } = words;
  const meta = useMeta();
  const languages = languagesOf(language);
  const [speaking] = languages;
  const [draft, setDraft] = useState<Draft>(() => ({
    type: field?.reckoned ?? field?.type ?? 'text',
    labels: Object.fromEntries(
      languages.map((one) => [one, field?.words[one]?.label ?? (field && one === speaking ? fieldWord(object.key, field.key) : '')]),
    ),
    to: typeof field?.with.to === 'string' ? field.with.to : null,
    options: (field?.with.options ?? []).map((option) => ({
      id: option.key,
      key: option.key,
      word: optionWord(object.key, field?.key ?? '', option.key),
      color: option.color,
      retired: option.retired,
    })),
    pattern: '{0000}',
    scale: null,
    expression: field?.expression ?? '',
    as: null,
    optionsOf: typeof field?.with.optionsOf === 'string' ? field.with.optionsOf : null,
    rollUp: field?.rollUp ? draftOf(field.rollUp) : NO_ROLL_UP,
    required: field?.required ?? false,
    requiredWhen: field?.requiredWhen,
    shownWhen: field?.shownWhen,
    unique: false,
    index: true,
    search: true,
  }));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const [tried, setTried] = useState<Tried | null>(null);
  const put = (change: Partial<Draft>): void => {
    setDraft((was) => ({ ...was, ...change }));
    setErrors({});
  };
  const { type } = draft;
  const open = !field || field.custom || field.with.open === true;
  const demandable =
    type !== 'manyToMany' && type !== 'formula' && type !== 'rollUp' && !field?.reckoned && !field?.derived && !field?.readOnly;
  const indexable = type === 'formula' && tried?.steady === true;
  // Fields whose options a formula may give.
  const choosable = object.fields.filter((one) => one.type === 'select' && !one.derived && !one.retired);
  const reckonsOtherwise =
    field?.rollUp !== undefined && JSON.stringify(rollUpOf(draft.rollUp)) !== JSON.stringify(rollUpOf(draftOf(field.rollUp)));
  const lockedNeeded = field !== undefined && !field.custom && field.required && !field.adjusted;

  const choose = (next: string): void => {
    put({
      type: next,
      ...(hasOptions(next) && draft.options.length === 0
        ? { options: [1, 2].map(() => ({ id: crypto.randomUUID(), key: null, word: '' })) }
        : {}),
    });
  };

  /** The options as they are sent, with their words in the language that is spoken. */
  const written = (): { options: { key: string; color?: string; retired?: boolean }[]; words: Record<string, string> } => {
    const taken = draft.options.flatMap(({ key }) => key ?? []);
    const named = draft.options
      .filter(({ key, word }) => key !== null || word.trim() !== '')
      .map((option) => {
        const key = option.key ?? optionKey(option.word, taken, field !== undefined && !field.custom);
        if (option.key === null) taken.push(key);
        return { ...option, key };
      });
    return {
      options: named.map(({ key, color, retired }) => ({ key, ...(color ? { color } : {}), ...(retired ? { retired } : {}) })),
      words: Object.fromEntries(named.flatMap(({ key, word }) => (word.trim() ? [[key, word.trim()]] : []))),
    };
  };

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    event.stopPropagation();
    setErrors({});
    setFailure(null);
    const options = hasOptions(type) ? written() : null;
    const spoken: Spoken<FieldWords> = Object.fromEntries(
      languages.flatMap((one) => {
        const label = draft.labels[one]?.trim();
        const own = one === speaking && options ? { options: options.words } : {};
        return label ? [[one, { label, ...own }]] : [];
      }),
    );
    if (Object.keys(spoken).length === 0) return setErrors({ label: t('catalogue.needsName') });
    if (leads(type) && !draft.to) return setErrors({ to: t('catalogue.needsTarget') });
    if (type === 'formula' && draft.expression.trim() === '') return setErrors({ expression: t('catalogue.formulaFault.empty') });
    if (type === 'rollUp' && !draft.rollUp.over) return setErrors({ over: t('catalogue.needsRelation') });
    if (type === 'rollUp' && draft.rollUp.op !== 'count' && !draft.rollUp.field) return setErrors({ field: t('catalogue.needsField') });
    if (options && options.options.length === 0) return setErrors({ options: t('catalogue.needsOption') });
    setSaving(true);
    try {
      if (field) {
        await changeCatalogue('PATCH', `/objects/${object.key}/fields/${field.key}`, {
          words: spoken,
          ...(demandable && !lockedNeeded && draft.required !== field.required ? { required: draft.required } : {}),
          ...(demandable && draft.requiredWhen !== field.requiredWhen ? { requiredWhen: draft.requiredWhen ?? null } : {}),
          ...(draft.shownWhen !== field.shownWhen ? { shownWhen: draft.shownWhen ?? null } : {}),
          ...(options ? { options: options.options } : {}),
          ...(type === 'formula' && field.custom && draft.expression !== field.expression ? { expression: draft.expression } : {}),
          ...(reckonsOtherwise && field.custom
            ? { rollUp: { ...rollUpOf(draft.rollUp), ...(field.rollUp?.visibility ? { visibility: field.rollUp.visibility } : {}) } }
            : {}),
        });
      } else {
        await changeCatalogue('POST', `/objects/${object.key}/fields`, {
          words: spoken,
          field: {
            type,
            with: {
              ...(options ? { options: options.options } : {}),
              ...(leads(type) ? { to: draft.to } : {}),
              ...(type === 'autoNumber' ? { pattern: draft.pattern } : {}),
              ...(type === 'formula'
                ? {
                    expression: draft.expression,
                    ...(draft.as ? { type: draft.as } : {}),
                    ...(draft.optionsOf ? { optionsOf: draft.optionsOf } : {}),
                  }
                : {}),
              ...(type === 'rollUp' ? rollUpOf(draft.rollUp) : {}),
              ...(type === 'decimal' && draft.scale !== null ? { scale: draft.scale } : {}),
            },
            ...(demandable && draft.required ? { required: true } : {}),
            ...(draft.requiredWhen ? { requiredWhen: draft.requiredWhen } : {}),
            ...(draft.shownWhen ? { shownWhen: draft.shownWhen } : {}),
            ...(UNIQUE.has(type) && draft.unique ? { unique: true } : {}),
            ...((INDEXED.has(type) || indexable || type === 'rollUp') && draft.index ? { index: true } : {}),
            ...(SEARCHED.has(type) && draft.search ? { search: 'words' } : type === 'phone' && draft.search ? { search: 'phone' } : {}),
          },
        });
      }
      onClose();
    } catch (problem) {
      const found: Record<string, string> = {};
      if (problem instanceof ApiError) for (const one of problem.errors) found[placeOf(one.path)] ??= problemText(one);
      setErrors(found);
      if (Object.keys(found).length === 0 || found['']) setFailure(found[''] ?? refusalText(problem));
    } finally {
      setSaving(false);
    }
  };

  return (
    <FormDialog
      title={
        field
          ? t('catalogue.fieldTitle', { name: fieldWord(object.key, field.key) })
          : t('catalogue.newFieldOf', { object: plural(object.key) })
      }
      failure={failure}
      act={field ? t('action.save') : t('catalogue.createField')}
      waits={saving}
      size={560}
      onSubmit={submit}
      onClose={onClose}
    >
      {languages.map((one, index) => (
        <TextInput
          key={one}
          label={index === 0 ? t('catalogue.name') : t('catalogue.nameIn', { language: displayName('language', one) })}
          value={draft.labels[one] ?? ''}
          onChange={(event) => put({ labels: { ...draft.labels, [one]: event.currentTarget.value } })}
          error={index === 0 ? (errors.label ?? errors.key) : undefined}
          maxLength={80}
          data-autofocus={index === 0 || undefined}
        />
      ))}
      {!field && (
        <Select
          label={t('catalogue.type')}
          description={t(`catalogue.typeHint.${type}`)}
          searchable
          allowDeselect={false}
          data={TYPES.map((one) => ({ value: one, label: t(`catalogue.typeName.${one}`) }))}
          value={type}
          onChange={(next) => next && choose(next)}
          error={errors.type}
          maxDropdownHeight={320}
        />
      )}
      {leads(type) && !field && (
        <Select
          label={t('catalogue.leadsTo')}
          searchable
          data={meta.objects
            .filter(({ retired, key }) => !retired && key !== 'role')
            .map(({ key }) => ({ value: key, label: plural(key) }))}
          value={draft.to}
          onChange={(to) => put({ to })}
          error={errors.to}
        />
      )}
      {hasOptions(type) && (
        <OptionsEditor options={draft.options} onChange={(options) => put({ options })} open={open} error={errors.options} />
      )}
      {type === 'autoNumber' && !field && (
        <TextInput
          label={t('catalogue.pattern')}
          description={t('catalogue.patternHint')}
          value={draft.pattern}
          onChange={(event) => put({ pattern: event.currentTarget.value })}
          error={errors.pattern}
        />
      )}
      {type === 'formula' && (!field || field.custom) && (
        <FormulaInput
          object={object}
          value={draft.expression}
          as={draft.as ?? (typeof field?.with.type === 'string' ? field.with.type : null)}
          optionsOf={draft.optionsOf}
          onChange={(expression) => put({ expression })}
          onTried={setTried}
          error={errors.expression}
        />
      )}
      {type === 'formula' && !field && (NUMBERS.has(tried?.type ?? '') || draft.as !== null) && (
        <Select
          label={t('catalogue.formulaAs')}
          clearable
          data={[...NUMBERS].map((one) => ({ value: one, label: t(`catalogue.typeName.${one}`) }))}
          value={draft.as}
          onChange={(as) => put({ as: as as Draft['as'] })}
        />
      )}
      {type === 'formula' && !field && choosable.length > 0 && (tried?.type === 'text' || draft.optionsOf !== null) && (
        <Select
          label={t('catalogue.formulaOptionsOf')}
          clearable
          searchable
          data={choosable.map(({ key }) => ({ value: key, label: fieldWord(object.key, key) }))}
          value={draft.optionsOf}
          onChange={(optionsOf) => put({ optionsOf })}
        />
      )}
      {type === 'rollUp' && (!field || field.custom) && (
        <RollUpInput object={object} draft={draft.rollUp} onChange={(rollUp) => put({ rollUp })} errors={errors} />
      )}
      {reckonsOtherwise && <Text className="pg-secondary">{t('catalogue.rollUpAnew')}</Text>}
      {type === 'decimal' && !field && (
        <NumberInput
          label={t('catalogue.scale')}
          min={0}
          max={12}
          allowDecimal={false}
          value={draft.scale ?? ''}
          onChange={(scale) => put({ scale: scale === '' ? null : Number(scale) })}
        />
      )}
      {demandable && (
        <>
          <Checkbox
            label={t('catalogue.required')}
            description={lockedNeeded ? t('catalogue.requiredByPerigon') : undefined}
            disabled={lockedNeeded}
            checked={draft.required}
            onChange={(event) =>
              put({
                required: event.currentTarget.checked,
                ...(event.currentTarget.checked ? { requiredWhen: undefined, shownWhen: undefined } : {}),
              })
            }
            error={errors.required}
          />
          {!draft.required && (
            <ConditionInput
              object={object}
              label={t('catalogue.requiredWhen')}
              empty={t('catalogue.never')}
              value={draft.requiredWhen}
              onChange={(requiredWhen) => put({ requiredWhen })}
              error={errors.requiredWhen}
            />
          )}
        </>
      )}
      {!draft.required && !field?.derived && (
        <ConditionInput
          object={object}
          label={t('catalogue.shownWhen')}
          empty={t('catalogue.always')}
          value={draft.shownWhen}
          onChange={(shownWhen) => put({ shownWhen })}
          error={errors.shownWhen}
        />
      )}
      {!field && (
        <>
          {(SEARCHED.has(type) || type === 'phone') && (
            <Checkbox
              label={t('catalogue.searched')}
              checked={draft.search}
              onChange={(event) => put({ search: event.currentTarget.checked })}
            />
          )}
          {(INDEXED.has(type) || indexable || type === 'rollUp') && (
            <Checkbox
              label={t('catalogue.indexed')}
              description={t('catalogue.indexedHint')}
              checked={draft.index}
              onChange={(event) => put({ index: event.currentTarget.checked })}
            />
          )}
          {UNIQUE.has(type) && (
            <Checkbox
              label={t('catalogue.unique')}
              checked={draft.unique}
              onChange={(event) => put({ unique: event.currentTarget.checked })}
              error={errors.unique}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}

/** The control that a fault of the server belongs to. */
function placeOf(path: string): string {
  const part = [
    'requiredWhen',
    'shownWhen',
    'options',
    'pattern',
    'expression',
    'over',
    'op',
    'where',
    'to',
    'required',
    'unique',
    'type',
    'key',
  ].find((one) => path.split('.').includes(one));
  return part ?? (path.startsWith('words') ? 'label' : '');
}
