import { MultiSelect, Radio, Stack, TagsInput, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { SPECIAL_SCOPES } from '#engine/declare/scopes.ts';
import { request } from '#ui/api.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { useMeta } from '#ui/meta.ts';
import { useWords } from '#ui/words.ts';
import { type Application, refreshApplications, scopeText } from './applications.ts';

interface Props {
  /** None: a new one. */
  application: Application | null;
  onClose: () => void;
  onMade: (name: string, made: { id: string; secret: string | null }) => void;
}

/** An application as its administrator registers it: where it leads back to, and the most that it may ask for. */
export function ApplicationForm({ application, onClose, onMade }: Props): ReactNode {
  const { t, plural, inSentence } = useWords();
  const meta = useMeta();
  const [values, setValues] = useState({
    name: application?.name ?? '',
    redirectUris: application?.redirectUris ?? [],
    scopes: application?.scopes ?? ['read'],
  });
  const [confidential, setConfidential] = useState(true);
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, ['name', 'redirectUris', 'scopes']);
  const objectOf = (wanted: string): string | null => {
    const found = meta.objects.find((object) => object.plural === wanted);
    return found ? inSentence(plural(found.key)) : null;
  };
  const scopes = [
    'read',
    'write',
    ...SPECIAL_SCOPES,
    ...meta.objects.flatMap((object) => [`read:${object.plural}`, `write:${object.plural}`]),
  ];
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const path = application ? `/oauth/clients/${application.id}` : '/oauth/clients';
      const { data } = await request<{ id: string; secret: string | null }>(application ? 'PATCH' : 'POST', path, {
        body: application ? values : { ...values, confidential },
      });
      await refreshApplications();
      onClose();
      if (!application) onMade(values.name, data);
    } catch (problem) {
      setFailure(problem);
    }
  };
  return (
    <FormDialog
      title={application?.name ?? t('applications.new')}
      failure={refusal.whole}
      act={t(application ? 'action.save' : 'applications.register')}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('applications.name')}
        description={t('applications.nameHint')}
        value={values.name}
        onChange={(event) => setValues({ ...values, name: event.currentTarget.value })}
        error={refusal.at('name')}
        maxLength={100}
        required
        withAsterisk={false}
        data-autofocus
      />
      <TagsInput
        label={t('applications.redirects')}
        description={t('applications.redirectsHint')}
        value={values.redirectUris}
        onChange={(redirectUris) => setValues({ ...values, redirectUris })}
        error={refusal.at('redirectUris')}
        acceptValueOnBlur
        splitChars={[' ', '\n']}
      />
      <MultiSelect
        label={t('applications.scopes')}
        description={t('applications.scopesHint')}
        data={[...new Set([...scopes, ...values.scopes])].map((scope) => ({ value: scope, label: scopeText(scope, objectOf) }))}
        value={values.scopes}
        onChange={(chosen) => setValues({ ...values, scopes: chosen })}
        error={refusal.at('scopes')}
        searchable
      />
      {!application && (
        <Radio.Group
          label={t('applications.kind')}
          value={confidential ? 'confidential' : 'public'}
          onChange={(kind) => setConfidential(kind === 'confidential')}
        >
          <Stack gap={4} mt={4}>
            <Radio value="confidential" label={t('applications.confidential')} />
            <Radio value="public" label={t('applications.public')} />
          </Stack>
        </Radio.Group>
      )}
    </FormDialog>
  );
}
