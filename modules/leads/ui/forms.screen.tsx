import { Button, Group, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { formatNumber } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { ActiveSwitch } from '#ui/settings/active-switch.tsx';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import type { RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { FormEditor } from './form-editor.tsx';
import { addressOf, countsQuery, formsQuery, type LeadForm, refreshForms } from './forms.ts';
import { SnippetDialog } from './snippet-dialog.tsx';

/** Forms on web pages: what they ask, how they are put into a page, and what came of them. */
export function LeadFormsScreen(): ReactNode {
  const { t, plural } = useWords();
  const may = useMeta().object('leadForm')?.verbs;
  const forms = useQuery(formsQuery);
  const counts = useQuery(countsQuery);
  const [making, setMaking] = useState(false);
  const [editing, setEditing] = useState<string | null>(null);
  const edited = forms.data?.find(({ id }) => id === editing);
  return (
    <SettingsFrame title={plural('leadForm')} acts={may?.create && <Button onClick={() => setMaking(true)}>{t('leadForms.new')}</Button>}>
      <p className="pg-secondary">{t('leadForms.lead')}</p>
      {forms.isError && <p role="alert">{failureText(forms.error)}</p>}
      {forms.data?.length === 0 && <p>{t('leadForms.none')}</p>}
      {forms.data?.map((form) => (
        <OneForm
          key={form.id}
          form={form}
          counts={new Map(counts.data?.filter((one) => one.form === form.id).map(({ outcome, n }) => [outcome, n]))}
          may={may}
          onEdit={() => setEditing(form.id)}
        />
      ))}
      {making && (
        <NewForm
          onClose={() => setMaking(false)}
          onMade={(id) => {
            setMaking(false);
            setEditing(id);
          }}
        />
      )}
      {edited && <FormEditor key={edited.id} form={edited} onClose={() => setEditing(null)} />}
    </SettingsFrame>
  );
}

interface OneProps {
  form: LeadForm;
  counts: ReadonlyMap<string, number>;
  may: { update: boolean; delete: boolean } | undefined;
  onEdit: () => void;
}

function OneForm({ form, counts, may, onEdit }: OneProps): ReactNode {
  const { t } = useWords();
  const [showing, setShowing] = useState(false);
  const attempt = async (said: string, act: () => Promise<{ cause: string | null }>): Promise<void> => {
    try {
      const { cause } = await act();
      showUndo(said, cause);
    } catch (failure) {
      showFailure(failure);
    }
    await refreshForms();
  };
  const put = (active: boolean): Promise<void> =>
    attempt(t(active ? 'leadForms.switchedOn' : 'leadForms.switchedOff', { name: form.name }), () =>
      request('PATCH', `/leadForms/${form.id}`, { body: { active } }),
    );
  const told = (['accepted', 'suspect', 'refused'] as const).map((outcome) => {
    const count = counts.get(outcome) ?? 0;
    return t(`leadForms.${outcome}`, { count, n: formatNumber(count) });
  });
  return (
    <SettingsPart
      title={form.name}
      acts={
        may?.update && (
          <ActiveSwitch active={form.active} label={t('leadForms.switch', { name: form.name })} onChange={(active) => void put(active)} />
        )
      }
    >
      <p>
        {form.active ? (
          <a className="pg-link" href={addressOf(form.slug)} target="_blank" rel="noreferrer">
            {addressOf(form.slug)}
          </a>
        ) : (
          addressOf(form.slug)
        )}
      </p>
      <p className="pg-secondary">{told.join(' · ')}</p>
      <Group gap="xs">
        {may?.update && (
          <Button size="compact" variant="default" aria-label={`${t('leadForms.edit')}: ${form.name}`} onClick={onEdit}>
            {t('leadForms.edit')}
          </Button>
        )}
        <Button size="compact" variant="default" aria-label={`${t('leadForms.embed')}: ${form.name}`} onClick={() => setShowing(true)}>
          {t('leadForms.embed')}
        </Button>
        {may?.delete && (
          <Button
            size="compact"
            variant="subtle"
            color="danger"
            aria-label={`${t('leadForms.remove')}: ${form.name}`}
            onClick={() => void attempt(t('leadForms.removed', { name: form.name }), () => request('DELETE', `/leadForms/${form.id}`))}
          >
            {t('leadForms.remove')}
          </Button>
        )}
      </Group>
      {showing && <SnippetDialog form={form} onClose={() => setShowing(false)} />}
    </SettingsPart>
  );
}

/** A form begins with a name; what it asks is drawn then. */
function NewForm({ onClose, onMade }: { onClose: () => void; onMade: (id: string) => void }): ReactNode {
  const { t, field, language } = useWords();
  const [name, setName] = useState('');
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, ['name']);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const { data, cause } = await request<RecordData>('POST', '/leadForms', { body: { name: name.trim(), language } });
      await refreshForms();
      showUndo(t('leadForms.made', { name: name.trim() }), cause);
      onMade(data.id);
    } catch (refused) {
      setFailure(refused);
    }
  };
  return (
    <FormDialog
      title={t('leadForms.new')}
      failure={refusal.whole}
      act={t('leadForms.create')}
      size={440}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={field('leadForm', 'name')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={refusal.at('name')}
        maxLength={120}
        data-autofocus
      />
    </FormDialog>
  );
}
