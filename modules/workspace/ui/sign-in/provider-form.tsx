import { Checkbox, PasswordInput, Radio, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { get, request } from '#ui/api.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import type { Named } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { type Provider, refreshProviders } from './providers.ts';

/** A provider as an administrator types it; what is wrong stands at its field, also that nothing was found at its address. */
export function ProviderForm({ provider, onClose }: { provider: Provider | null; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const roles = useQuery({
    queryKey: ['roles', 'names'],
    queryFn: async () => (await get<{ items: Named[] }>('/roles', { fields: 'name', sort: 'name', limit: 200 })).items,
  });
  const [values, setValues] = useState({
    name: provider?.name ?? '',
    issuer: provider?.issuer ?? '',
    clientId: provider?.clientId ?? '',
    admits: provider?.admits ?? ('members' as Provider['admits']),
    domains: provider?.domains ?? [],
    role: provider?.role ?? null,
    asksFactor: provider?.asksFactor ?? true,
  });
  const [secret, setSecret] = useState('');
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const refusal = refusalOf(failure, ['name', 'issuer', 'clientId', 'secret', 'domains', 'role']);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    setBusy(true);
    try {
      await request(provider ? 'PATCH' : 'POST', provider ? `/sign-in/providers/${provider.id}` : '/sign-in/providers', {
        body: { ...values, ...(secret === '' ? {} : { secret }) },
      });
      await refreshProviders();
      onClose();
    } catch (problem) {
      setFailure(problem);
      setBusy(false);
    }
  };
  const type = (key: 'name' | 'issuer' | 'clientId') => ({
    value: values[key],
    onChange: (event: { currentTarget: HTMLInputElement }) => setValues({ ...values, [key]: event.currentTarget.value }),
    error: refusal.at(key),
    required: true,
    withAsterisk: false,
  });
  return (
    <FormDialog
      title={provider?.name ?? t('providers.new')}
      failure={refusal.whole}
      act={t(provider ? 'action.save' : 'providers.create')}
      waits={busy}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput label={t('providers.name')} maxLength={100} data-autofocus {...type('name')} />
      <TextInput label={t('providers.issuer')} description={t('providers.issuerHint')} type="url" {...type('issuer')} />
      <TextInput label={t('providers.clientId')} autoComplete="off" {...type('clientId')} />
      <PasswordInput
        visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
        label={t('providers.secret')}
        description={t(provider?.hasSecret ? 'providers.secretKept' : 'providers.secretHint')}
        autoComplete="new-password"
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
        error={refusal.at('secret')}
      />
      <Radio.Group
        label={t('providers.admits')}
        value={values.admits}
        onChange={(admits) => setValues({ ...values, admits: admits === 'domains' ? 'domains' : 'members' })}
      >
        <Stack gap={4} mt={4}>
          <Radio value="members" label={t('providers.admits.members')} />
          <Radio value="domains" label={t('providers.admits.domains')} />
        </Stack>
      </Radio.Group>
      {values.admits === 'domains' && (
        <>
          <TagsInput
            label={t('providers.domains')}
            description={t('providers.domainsHint')}
            value={values.domains}
            onChange={(domains) => setValues({ ...values, domains })}
            error={refusal.at('domains')}
            acceptValueOnBlur
          />
          <Select
            label={t('providers.role')}
            data={(roles.data ?? []).map(({ id, name }) => ({ value: id, label: name ?? '' }))}
            value={values.role}
            onChange={(role) => setValues({ ...values, role })}
            error={refusal.at('role')}
          />
        </>
      )}
      <Checkbox
        label={t('providers.asksFactor')}
        description={t('providers.asksFactorHint')}
        checked={values.asksFactor}
        onChange={(event) => setValues({ ...values, asksFactor: event.currentTarget.checked })}
      />
    </FormDialog>
  );
}
