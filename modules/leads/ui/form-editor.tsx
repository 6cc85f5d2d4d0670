import { ActionIcon, Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import { request } from '#ui/api.ts';
import { viewOf } from '#ui/fields/registry.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { MovableRow, reordered } from '#ui/form/movable-row.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { iconLook } from '#ui/icons.ts';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { showUndo } from '#ui/notify.tsx';
import { Tip } from '#ui/tip.tsx';
import { useWords } from '#ui/words.ts';
import classes from './forms.module.css';
import { type Asked, type LeadForm, refreshForms } from './forms.ts';

const ASKS = ['name', 'company', 'email', 'phone', 'jobTitle', 'city', 'message', 'need', 'product', 'budget', 'timeframe'];
const OWN_TYPES = new Set(['text', 'longText', 'select', 'boolean', 'integer', 'decimal', 'date']);
const BEFORE = ['name', 'slug', 'language', 'heading', 'intro'];
const BEHIND = ['consentText', 'consentPurpose', 'thanks', 'redirect', 'source', 'product', 'leadOwner', 'notified'];
/** What the preview shows of what is not saved. */
const SEEN = ['heading', 'intro', 'language', 'consentText'];

/** What a form says and asks, with how it will look beside it. */
export function FormEditor({ form, onClose }: { form: LeadForm; onClose: () => void }): ReactNode {
  const { t, field: fieldWord } = useWords();
  const object = useMeta().object('leadForm');
  const [values, setValues] = useState<Record<string, unknown>>(form);
  const [asks, setAsks] = useState<Asked[]>(form.asks);
  const [sites, setSites] = useState((form.sites ?? []).join('\n'));
  const [failure, setFailure] = useState<unknown>(null);
  const keys = [...BEFORE, ...BEHIND];
  const refusal = refusalOf(failure, [...keys, 'asks', 'sites']);
  const draft = JSON.stringify({ ...Object.fromEntries(SEEN.map((key) => [key, values[key] ?? ''])), asks });
  const drawn = useDeferredValue(draft);
  if (!object) return null;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    const body: Record<string, unknown> = { asks, sites: sites.split(/\s+/).filter(Boolean) };
    for (const key of keys) {
      const field = fieldOf(object, key);
      if (field) body[key] = viewOf(field.type).write(values[key] ?? null, field);
    }
    try {
      const { cause } = await request('PATCH', `/leadForms/${form.id}`, { body });
      await refreshForms();
      showUndo(t('leadForms.saved', { name: String(values.name) }), cause);
      onClose();
    } catch (refused) {
      setFailure(refused);
    }
  };
  const line = (key: string): ReactNode => {
    const field = fieldOf(object, key);
    if (!field || field.hidden) return null;
    const { Edit } = viewOf(field.type);
    const word = fieldWord(object.key, key);
    return (
      <Edit
        key={key}
        value={values[key] ?? null}
        onChange={(value) => setValues((was) => ({ ...was, [key]: value }))}
        field={field}
        object={object.key}
        label={word}
        ariaLabel={word}
        error={refusal.at(key)}
      />
    );
  };
  return (
    <FormDialog title={form.name} failure={refusal.whole} act={t('leadForms.save')} size={1080} onSubmit={submit} onClose={onClose}>
      <div className={classes.editor}>
        <div className={classes.fields}>
          {BEFORE.map(line)}
          <Lines asks={asks} onChange={setAsks} error={refusal.at('asks')} />
          {BEHIND.map(line)}
          <Textarea
            label={fieldWord(object.key, 'sites')}
            description={t('leadForms.sitesIs')}
            value={sites}
            onChange={(event) => setSites(event.currentTarget.value)}
            error={refusal.at('sites')}
            autosize
            minRows={2}
          />
        </div>
        <iframe
          className={classes.preview}
          title={t('leadForms.preview')}
          src={`/api/v1/lead-forms/${form.id}/preview?draft=${encodeURIComponent(drawn)}`}
        />
      </div>
    </FormDialog>
  );
}

interface LinesProps {
  asks: readonly Asked[];
  onChange: (asks: Asked[]) => void;
  error: string | undefined;
}

/** What is asked, in order: by hand, key or arrow. */
function Lines({ asks, onChange, error }: LinesProps): ReactNode {
  const { t, field, label } = useWords();
  const meta = useMeta();
  const wordOf = (ask: string): string => {
    const [, object, key] = /^(lead|party)\.(\w+)$/.exec(ask) ?? [];
    return object && key ? field(object, key) : label(`leadForm.ask.${ask}`);
  };
  const own = useMemo(
    () =>
      ['lead', 'party'].flatMap((object) =>
        (meta.object(object)?.fields ?? [])
          .filter((one) => /^x[A-Z]/.test(one.key) && OWN_TYPES.has(one.type) && !one.readOnly && !one.hidden)
          .map((one) => `${object}.${one.key}`),
      ),
    [meta],
  );
  const left = [...ASKS, ...own].filter((ask) => !asks.some((one) => one.ask === ask));
  const change = (at: number, next: Partial<Asked>): void => onChange(asks.map((one, i) => (i === at ? { ...one, ...next } : one)));
  const move = (from: number, to: number): void => onChange(reordered(asks, from, to));
  return (
    <div>
      <span id="lead-form-asks">{field('leadForm', 'asks')}</span>
      <ul className={classes.lines} aria-labelledby="lead-form-asks">
        {asks.map((one, at) => (
          <MovableRow
            key={one.ask}
            group="lead-form"
            place={{ list: 'asks', at }}
            name={wordOf(one.ask)}
            first={at === 0}
            last={at === asks.length - 1}
            onMove={(from, to) => move(from.at, to.at)}
            onStep={(by) => move(at, at + by)}
            acts={
              <Tip label={t('leadForms.drop', { name: wordOf(one.ask) })}>
                <ActionIcon
                  aria-label={t('leadForms.drop', { name: wordOf(one.ask) })}
                  onClick={() => onChange(asks.filter((other) => other !== one))}
                >
                  <IconTrash {...iconLook} />
                </ActionIcon>
              </Tip>
            }
          >
            <div className={classes.line}>
              <TextInput
                aria-label={t('leadForms.labelOf', { name: wordOf(one.ask) })}
                placeholder={wordOf(one.ask)}
                value={one.label ?? ''}
                onChange={(event) => change(at, { label: event.currentTarget.value })}
                maxLength={200}
              />
              <Checkbox
                label={t('leadForms.required')}
                aria-label={t('leadForms.requiredOf', { name: wordOf(one.ask) })}
                checked={one.required === true}
                onChange={(event) => change(at, { required: event.currentTarget.checked })}
              />
            </div>
          </MovableRow>
        ))}
      </ul>
      {left.length > 0 && (
        <Select
          mt={8}
          aria-label={t('leadForms.add')}
          placeholder={t('leadForms.add')}
          value={null}
          data={left.map((ask) => ({ value: ask, label: wordOf(ask) }))}
          onChange={(ask) => ask && onChange([...asks, { ask, ...(ask.includes('.') ? { label: wordOf(ask) } : {}) }])}
          searchable
        />
      )}
      {error && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
