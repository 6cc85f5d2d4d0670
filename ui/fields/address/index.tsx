import { ActionIcon, Button, Input, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { displayName } from '../../format.ts';
import { Tip } from '../../tip.tsx';
import { isObject } from '../../wire.ts';
import { useWords } from '../../words.ts';
import { countryChoices } from '../choices.ts';
import { pointLabel } from '../contact-points.tsx';
import { type EditProps, fieldView, readText } from '../field-view.tsx';
import classes from '../fields.module.css';
import { TextFilter } from '../filter-controls.tsx';

interface Address {
  street: string | null;
  extra: string | null;
  postalCode: string | null;
  city: string | null;
  region: string | null;
  country: string | null;
  label: string | null;
  primary: boolean;
}

const nothing: Address = {
  street: null,
  extra: null,
  postalCode: null,
  city: null,
  region: null,
  country: null,
  label: null,
  primary: false,
};
const lines = ['street', 'extra', 'postalCode', 'city', 'region'] as const;

function readOne(wire: unknown): Address | null {
  if (!isObject(wire)) return null;
  return {
    street: readText(wire.street),
    extra: readText(wire.extra),
    postalCode: readText(wire.postalCode),
    city: readText(wire.city),
    region: readText(wire.region),
    country: readText(wire.country),
    label: readText(wire.label),
    primary: wire.primary === true,
  };
}

function read(wire: unknown): Address[] | null {
  const all = (Array.isArray(wire) ? wire : [wire]).map(readOne).filter((one): one is Address => one !== null);
  return all.length > 0 ? all : null;
}

/** The lines of an envelope, in the order common to most of the world. */
function envelope(address: Address): string[] {
  const place = [address.postalCode, address.city].filter(Boolean).join(' ');
  const country = address.country ? displayName('region', address.country) : null;
  return [address.street, address.extra, [place, address.region].filter(Boolean).join(', '), country].filter((line): line is string =>
    Boolean(line),
  );
}

function OneAddress({
  address,
  onChange,
  autoFocus,
}: {
  address: Address;
  onChange: (address: Address) => void;
  autoFocus?: boolean;
}): ReactNode {
  const { t } = useWords();
  const line = (part: (typeof lines)[number], focus = false): ReactNode => (
    <TextInput
      placeholder={t(`address.${part}`)}
      aria-label={t(`address.${part}`)}
      value={address[part] ?? ''}
      autoFocus={focus}
      onChange={(event) => onChange({ ...address, [part]: event.currentTarget.value || null })}
    />
  );
  return (
    <>
      {line('street', autoFocus)}
      {line('extra')}
      <div style={{ display: 'grid', gap: 4, gridTemplateColumns: '88px minmax(0, 1fr)' }}>
        {line('postalCode')}
        {line('city')}
      </div>
      {line('region')}
      <Select
        placeholder={t('address.country')}
        aria-label={t('address.country')}
        searchable
        clearable
        data={countryChoices()}
        value={address.country}
        onChange={(country) => onChange({ ...address, country })}
      />
    </>
  );
}

function AddressEdit({ value, onChange, field, label, ariaLabel, error, autoFocus, required }: EditProps<Address[]>): ReactNode {
  const { t } = useWords();
  const addresses = value ?? (field.many ? [] : [{ ...nothing, primary: true }]);
  const change = (index: number, next: Address): void => onChange(addresses.map((address, at) => (at === index ? next : address)));
  return (
    <Input.Wrapper label={label} error={error} withAsterisk={required} labelElement="div">
      <fieldset className={classes.points} aria-label={ariaLabel}>
        {addresses.map((address, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place while they are typed
          <div key={index} className={field.many ? classes.addressCard : classes.points}>
            <OneAddress address={address} onChange={(next) => change(index, next)} autoFocus={autoFocus && index === 0} />
            {field.many && (
              <div style={{ display: 'flex', gap: 4 }}>
                <Select
                  style={{ flex: 1 }}
                  aria-label={t('contact.label')}
                  placeholder={t('contact.label')}
                  data={['work', 'home', 'billing', 'shipping', 'other'].map((key) => ({ value: key, label: pointLabel(key) }))}
                  value={address.label}
                  onChange={(next) => change(index, { ...address, label: next })}
                />
                <Tip label={t('action.remove')}>
                  <ActionIcon size="sm" aria-label={t('action.remove')} onClick={() => onChange(addresses.filter((_, at) => at !== index))}>
                    <IconTrash size={16} stroke={1.5} />
                  </ActionIcon>
                </Tip>
              </div>
            )}
          </div>
        ))}
        {field.many && (
          <div>
            <Button
              size="compact"
              variant="subtle"
              color="gray"
              leftSection={<IconPlus size={16} stroke={1.5} />}
              onClick={() => onChange([...addresses, { ...nothing, primary: addresses.length === 0 }])}
            >
              {t('contact.addAddress')}
            </Button>
          </div>
        )}
      </fieldset>
    </Input.Wrapper>
  );
}

/** A postal address, or several with labels. */
export const address = fieldView<Address[]>({
  read,
  write: (addresses, field) => {
    const filled = addresses.filter((one) => envelope(one).length > 0);
    return field.many ? filled : (filled[0] ?? null);
  },
  text: (addresses) => addresses.map((one) => envelope(one).join(', ')).join(' · '),
  width: 240,
  large: true,
  Read: ({ value }) => (
    <div className={classes.lines}>
      {value.map((one) => (
        <div key={envelope(one).join()}>
          {envelope(one).map((line) => (
            <div key={line}>{line}</div>
          ))}
          {one.label && <div className="pg-meta">{pointLabel(one.label)}</div>}
        </div>
      ))}
    </div>
  ),
  Edit: AddressEdit,
  Filter: TextFilter,
});
