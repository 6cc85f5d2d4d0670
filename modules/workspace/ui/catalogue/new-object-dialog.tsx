import { Checkbox, TextInput, UnstyledButton } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError } from '#ui/api.ts';
import { problemText, refusalText } from '#ui/failure.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { displayName } from '#ui/format.ts';
import { iconLook, iconOf } from '#ui/icons.ts';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './catalogue.module.css';
import { changeCatalogue, ICONS } from './catalogue.ts';
import { languagesOf } from './languages.ts';

/** Makes an object of the company's own: what it is called, whether it belongs to a customer and to somebody. */
export function NewObjectDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t, language } = useWords();
  const navigate = useNavigate();
  const languages = languagesOf(language);
  const [names, setNames] = useState<Record<string, { name: string; plural: string }>>({});
  const [icon, setIcon] = useState<string>('box');
  const [party, setParty] = useState(true);
  const [owner, setOwner] = useState(true);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const put = (one: string, change: Partial<{ name: string; plural: string }>): void =>
    setNames((was) => ({ ...was, [one]: { name: '', plural: '', ...was[one], ...change } }));

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setErrors({});
    setFailure(null);
    const words = Object.fromEntries(
      languages.flatMap((one) => {
        const { name = '', plural = '' } = names[one] ?? {};
        return name.trim() || plural.trim() ? [[one, { name: name.trim(), plural: plural.trim() }]] : [];
      }),
    );
    const lacking = Object.entries(words).find(([, word]) => !word.name || !word.plural);
    if (Object.keys(words).length === 0 || lacking) return setErrors({ [lacking?.[0] ?? languages[0] ?? '']: t('catalogue.needsBoth') });
    setSaving(true);
    try {
      const { object } = await changeCatalogue<{ object: ObjectMeta; version: number }>('POST', '/objects', { words, icon, party, owner });
      onClose();
      await navigate({ to: '/settings/objects/$object', params: { object: object.key } });
    } catch (problem) {
      const first = problem instanceof ApiError ? problem.errors[0] : undefined;
      setFailure(first ? problemText(first) : refusalText(problem));
    } finally {
      setSaving(false);
    }
  };

  return (
    <FormDialog
      title={t('catalogue.newObject')}
      failure={failure}
      act={t('catalogue.createObject')}
      waits={saving}
      size={560}
      onSubmit={submit}
      onClose={onClose}
    >
      {languages.map((one, index) => (
        <div key={one} className={classes.pair}>
          <TextInput
            label={index === 0 ? t('catalogue.one') : t('catalogue.oneIn', { language: displayName('language', one) })}
            placeholder={index === 0 ? t('catalogue.oneExample') : undefined}
            value={names[one]?.name ?? ''}
            onChange={(event) => put(one, { name: event.currentTarget.value })}
            error={errors[one]}
            maxLength={80}
            data-autofocus={index === 0 || undefined}
          />
          <TextInput
            label={index === 0 ? t('catalogue.many') : t('catalogue.manyIn', { language: displayName('language', one) })}
            placeholder={index === 0 ? t('catalogue.manyExample') : undefined}
            value={names[one]?.plural ?? ''}
            onChange={(event) => put(one, { plural: event.currentTarget.value })}
            maxLength={80}
          />
        </div>
      ))}
      <fieldset className={classes.icons}>
        <legend>{t('catalogue.icon')}</legend>
        {ICONS.map((one) => {
          const Icon = iconOf(one);
          return (
            <UnstyledButton
              key={one}
              className={classes.icon}
              aria-pressed={icon === one}
              aria-label={t('catalogue.iconN', { name: one })}
              onClick={() => setIcon(one)}
            >
              <Icon {...iconLook} />
            </UnstyledButton>
          );
        })}
      </fieldset>
      <Checkbox
        label={t('catalogue.aboutCustomer')}
        description={t('catalogue.aboutCustomerHint')}
        checked={party}
        onChange={(event) => setParty(event.currentTarget.checked)}
      />
      <Checkbox
        label={t('catalogue.hasOwner')}
        description={t('catalogue.hasOwnerHint')}
        checked={owner}
        onChange={(event) => setOwner(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}
