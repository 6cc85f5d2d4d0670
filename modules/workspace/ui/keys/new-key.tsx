import { Button, Checkbox, CopyButton, Group, Modal, MultiSelect, Radio, Select, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { SPECIAL_SCOPES } from '#engine/declare/scopes.ts';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { useMeta } from '#ui/meta.ts';
import { queryClient } from '#ui/query-client.ts';
import { useWords } from '#ui/words.ts';
import classes from './keys.module.css';
import { keysQuery, PRESETS, scopesOf, type Wish } from './keys.ts';

const ENDS = ['30', '90', '365', 'never'] as const;
const DAY_MS = 86_400_000;

/** Makes a key, with what it may and until when, and shows it this once. */
export function NewKey({ onClose }: { onClose: () => void }): ReactNode {
  const { t, plural } = useWords();
  const meta = useMeta();
  const [name, setName] = useState('');
  const [wish, setWish] = useState<Wish>({ preset: 'read', reads: [], writes: [], special: [] });
  const [end, setEnd] = useState('365');
  const [key, setKey] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const objects = meta.objects
    .map((object) => ({ value: object.plural, label: plural(object.key) }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const special = SPECIAL_SCOPES.filter((one) => meta.may(one === 'admin' ? 'administer' : one));
  const scopes = scopesOf(wish);
  const empty = scopes?.length === 0;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const expiresAt = end === 'never' ? null : new Date(Date.now() + Number(end) * DAY_MS).toISOString();
      const { data } = await request<{ secret: string }>('POST', '/keys', { body: { name, scopes, expiresAt } });
      setKey(data.secret);
      await queryClient.invalidateQueries({ queryKey: keysQuery().queryKey });
    } catch (problem) {
      setFailure(failureText(problem));
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('keys.new')} size={520} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {key === null ? (
        <form className={classes.form} onSubmit={(event) => void submit(event)}>
          <TextInput
            label={t('keys.name')}
            description={t('keys.nameHint')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={failure}
            required
            withAsterisk={false}
            data-autofocus
          />
          <Radio.Group
            label={t('keys.may')}
            value={wish.preset}
            onChange={(preset) => setWish({ ...wish, preset: PRESETS.find((one) => one === preset) ?? 'read' })}
          >
            <div className={classes.choices}>
              {PRESETS.map((preset) => (
                <Radio key={preset} value={preset} label={t(`keys.preset.${preset}`)} />
              ))}
            </div>
          </Radio.Group>
          {wish.preset === 'some' &&
            (['reads', 'writes'] as const).map((act) => (
              <MultiSelect
                key={act}
                label={t(`keys.${act}`)}
                data={objects}
                value={[...wish[act]]}
                onChange={(chosen) => setWish({ ...wish, [act]: chosen })}
                searchable
                clearable
                clearButtonProps={{ 'aria-label': t('picker.clear') }}
              />
            ))}
          {wish.preset === 'all' ? (
            <p className={classes.warning}>{t('keys.allHint')}</p>
          ) : (
            special.length > 0 && (
              <Checkbox.Group
                label={t('keys.special')}
                value={[...wish.special]}
                onChange={(chosen) => setWish({ ...wish, special: chosen })}
              >
                <Group gap="md" mt={4}>
                  {special.map((one) => (
                    <Checkbox key={one} value={one} label={t(`keys.scope.${one}`)} />
                  ))}
                </Group>
              </Checkbox.Group>
            )
          )}
          <Select
            label={t('keys.end')}
            data={ENDS.map((value) => ({ value, label: t(`keys.end.${value}`) }))}
            value={end}
            onChange={(value) => setEnd(value ?? '365')}
            allowDeselect={false}
          />
          {end === 'never' && <p className={classes.warning}>{t('keys.neverHint')}</p>}
          {empty && <p className="pg-secondary">{t('keys.needsObjects')}</p>}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" disabled={empty}>
              {t('keys.create')}
            </Button>
          </Group>
        </form>
      ) : (
        <>
          <p>{t('keys.once')}</p>
          <code className={classes.key}>{key}</code>
          <Group justify="flex-end" gap="sm" mt="lg">
            <Button variant="default" onClick={onClose}>
              {t('action.close')}
            </Button>
            <CopyButton value={key}>
              {({ copied, copy }) => <Button onClick={copy}>{t(copied ? 'keys.copied' : 'keys.copy')}</Button>}
            </CopyButton>
          </Group>
        </>
      )}
    </Modal>
  );
}
