import { ActionIcon, Button, Input, Radio, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { Tip } from '../tip.tsx';
import { isObject } from '../wire.ts';
import { useWords, words } from '../words.ts';
import type { EditProps } from './field-view.tsx';
import classes from './fields.module.css';

/** One of several e-mail addresses or phone numbers. */
export interface ContactPoint {
  value: string;
  label: string | null;
  primary: boolean;
  /** A phone number as somebody typed it. */
  typed?: string;
}

function readPoint(wire: unknown): ContactPoint | null {
  if (typeof wire === 'string') return wire === '' ? null : { value: wire, label: null, primary: false };
  if (!isObject(wire) || typeof wire.value !== 'string') return null;
  return {
    value: wire.value,
    label: typeof wire.label === 'string' ? wire.label : null,
    primary: wire.primary === true,
    ...(typeof wire.typed === 'string' ? { typed: wire.typed } : {}),
  };
}

/** Reads one point or several; fields that are not `many` carry exactly one. */
export function readPoints(wire: unknown): ContactPoint[] | null {
  const entries = Array.isArray(wire) ? wire : wire === null || wire === undefined ? [] : [wire];
  const points = entries.map(readPoint).filter((point): point is ContactPoint => point !== null);
  return points.length > 0 ? points : null;
}

/** The point to use first. */
export function primaryPoint(points: ContactPoint[]): ContactPoint | undefined {
  return points.find((point) => point.primary) ?? points[0];
}

/** How a point is read: a phone number as typed where that is known. */
export function pointText(point: ContactPoint): string {
  return point.typed || point.value;
}

const labels = ['work', 'home', 'mobile', 'billing', 'other'];

/** The word of a label: a known one in the user's language, another as it was written. */
export function pointLabel(label: string): string {
  return labels.includes(label) ? words().t(`contactLabel.${label}`) : label;
}

/** All points on a record, each a link to write or call. */
export function PointLines({ points, scheme }: { points: ContactPoint[]; scheme: 'mailto' | 'tel' }): ReactNode {
  return (
    <span className={classes.lines}>
      {points.map((point) => (
        <span key={`${point.value}${point.label}`}>
          <a className="pg-link pg-target" href={`${scheme}:${point.value}`}>
            {/* Digits of a number run from the left in every language. */}
            <bdi dir="ltr">{pointText(point)}</bdi>
          </a>
          {point.label && <span className="pg-meta"> {pointLabel(point.label)}</span>}
        </span>
      ))}
    </span>
  );
}

/** The first point in a list cell, with the number of others. */
export function PointCell({ points }: { points: ContactPoint[] }): ReactNode {
  const first = primaryPoint(points);
  if (!first) return null;
  return (
    <span title={points.map(pointText).join('\n')}>
      <bdi dir="ltr">{pointText(first)}</bdi>
      {points.length > 1 && <span className="pg-meta"> +{points.length - 1}</span>}
    </span>
  );
}

interface PointsEditProps extends EditProps<ContactPoint[]> {
  inputType: 'email' | 'tel';
  addWord: string;
}

/** Edits one point, or a list of them with labels and one of them first. */
export function PointsEdit({
  value,
  onChange,
  field,
  label,
  ariaLabel,
  error,
  autoFocus,
  required,
  inputType,
  addWord,
}: PointsEditProps): ReactNode {
  const { t } = useWords();
  const group = useId();
  // Whoever adds a row goes on typing in it.
  const [added, setAdded] = useState(-1);
  if (!field.many) {
    const only = value?.[0];
    return (
      <TextInput
        type={inputType}
        label={label}
        aria-label={ariaLabel}
        value={only ? pointText(only) : ''}
        onChange={(event) => onChange([{ value: event.currentTarget.value, label: null, primary: true }])}
        error={error}
        autoFocus={autoFocus}
        withAsterisk={required}
      />
    );
  }
  const points = value ?? [{ value: '', label: null, primary: true }];
  const change = (index: number, part: Partial<ContactPoint>): void =>
    onChange(points.map((point, at) => (at === index ? { ...point, ...part } : point)));
  return (
    <Input.Wrapper label={label} error={error} withAsterisk={required} labelElement="div">
      <fieldset className={classes.points} aria-label={ariaLabel}>
        {points.map((point, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place while they are typed
          <div className={classes.point} key={index}>
            <TextInput
              type={inputType}
              aria-label={`${ariaLabel} ${index + 1}`}
              value={pointText(point)}
              autoFocus={(autoFocus && index === 0) || index === added}
              onChange={(event) => change(index, { value: event.currentTarget.value, typed: undefined })}
            />
            <Select
              aria-label={t('contact.label')}
              placeholder={t('contact.label')}
              data={[...new Set([...labels, ...(point.label ? [point.label] : [])])].map((key) => ({ value: key, label: pointLabel(key) }))}
              value={point.label}
              onChange={(next) => change(index, { label: next })}
            />
            {points.length > 1 && (
              <>
                <Tip label={t('contact.first')}>
                  <Radio
                    size="xs"
                    name={group}
                    aria-label={t('contact.first')}
                    checked={point.primary}
                    onChange={() => onChange(points.map((other, at) => ({ ...other, primary: at === index })))}
                  />
                </Tip>
                <Tip label={t('action.remove')}>
                  <ActionIcon aria-label={t('action.remove')} onClick={() => onChange(points.filter((_, at) => at !== index))}>
                    <IconTrash size={16} stroke={1.5} />
                  </ActionIcon>
                </Tip>
              </>
            )}
          </div>
        ))}
        <div>
          <Button
            size="compact"
            variant="subtle"
            color="gray"
            leftSection={<IconPlus size={16} stroke={1.5} />}
            onClick={() => {
              setAdded(points.length);
              onChange([...points, { value: '', label: null, primary: points.length === 0 }]);
            }}
          >
            {addWord}
          </Button>
        </div>
      </fieldset>
    </Input.Wrapper>
  );
}

/** What is written: filled points only, without what the server works out itself. */
export function writePoints(points: ContactPoint[], many: boolean | undefined): unknown {
  const filled = points.filter((point) => point.value.trim() !== '');
  if (!many) return filled[0]?.value.trim() ?? null;
  return filled.map((point) => ({ value: point.value.trim(), label: point.label, primary: point.primary }));
}
