import { ActionIcon, Button, ColorSwatch, Input, Menu, TextInput, Tooltip } from '@mantine/core';
import { IconArchive, IconArrowBackUp, IconPlus, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';
import { MovableRow, reordered } from '#ui/form/movable-row.tsx';
import { iconLook } from '#ui/icons.ts';
import { useWords } from '#ui/words.ts';
import classes from './catalogue.module.css';

/** An option as it is edited: new ones have no key yet. */
export interface OptionDraft {
  id: string;
  key: string | null;
  word: string;
  color?: string;
  retired?: boolean;
}

const colours = ['1', '2', '3', '4', '5', '6', '7', '8', 'good', 'warning', 'danger', 'information'];
const variable = (colour: string | undefined): string =>
  colour === undefined ? 'var(--pg-control)' : /^\d$/.test(colour) ? `var(--pg-series-${colour})` : `var(--pg-${colour})`;

const actOf = (option: OptionDraft) =>
  option.key === null ? 'catalogue.removeNamed' : option.retired ? 'catalogue.backNamed' : 'catalogue.retireNamed';

/** Options of a select: their words, colours and order; those that records may hold are retired, not removed. */
export function OptionsEditor({
  options,
  onChange,
  open,
  error,
}: {
  options: readonly OptionDraft[];
  onChange: (options: OptionDraft[]) => void;
  /** Whether options may be added and retired. */
  open: boolean;
  error?: string;
}): ReactNode {
  const { t } = useWords();
  const list = useRef<HTMLUListElement>(null);
  const group = useId();
  const put = (at: number, change: Partial<OptionDraft>): void =>
    onChange(options.map((option, i) => (i === at ? { ...option, ...change } : option)));
  const focus = (at: number): void => {
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLInputElement>('input[data-option]')[at]?.focus());
  };
  const move = (from: number, to: number): void => {
    onChange(reordered(options, from, to));
    focus(to);
  };
  const add = (at: number): void => {
    onChange([...options.slice(0, at), { id: crypto.randomUUID(), key: null, word: '' }, ...options.slice(at)]);
    focus(at);
  };
  const onKey = (event: KeyboardEvent, at: number): void => {
    if (event.key === 'Enter' && open) {
      event.preventDefault();
      add(at + 1);
    } else if (event.key === 'Backspace' && options[at]?.word === '' && options[at]?.key === null && options.length > 1) {
      event.preventDefault();
      onChange(options.filter((_, i) => i !== at));
      focus(Math.max(0, at - 1));
    }
  };
  return (
    <Input.Wrapper
      label={t('catalogue.options')}
      description={open ? t('catalogue.optionsHint') : t('catalogue.optionsKnown')}
      error={error}
      labelElement="div"
    >
      <ul className={classes.options} ref={list}>
        {options.map((option, at) => {
          const name = option.word || t('catalogue.option', { n: at + 1 });
          return (
            <MovableRow
              key={option.id}
              group={group}
              place={{ list: '', at }}
              name={name}
              first={at === 0}
              last={at === options.length - 1}
              onMove={(from, to) => move(from.at, to.at)}
              onStep={(by) => move(at, at + by)}
              data-retired={option.retired || undefined}
              acts={
                open && (
                  <Tooltip label={t(actOf(option), { name })}>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t(actOf(option), { name })}
                      onClick={() =>
                        option.key === null ? onChange(options.filter((_, i) => i !== at)) : put(at, { retired: !option.retired })
                      }
                    >
                      {option.key === null ? (
                        <IconX {...iconLook} />
                      ) : option.retired ? (
                        <IconArrowBackUp {...iconLook} />
                      ) : (
                        <IconArchive {...iconLook} />
                      )}
                    </ActionIcon>
                  </Tooltip>
                )
              }
            >
              <Menu position="bottom-start" withinPortal={false}>
                <Menu.Target>
                  <ActionIcon variant="subtle" color="gray" aria-label={t('catalogue.colourOf', { name })}>
                    <ColorSwatch size={12} color={variable(option.color)} withShadow={false} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown className={classes.swatches}>
                  {colours.map((colour) => (
                    <Menu.Item
                      key={colour}
                      aria-label={t('catalogue.colourN', { name: colour })}
                      onClick={() => put(at, { color: colour })}
                    >
                      <ColorSwatch size={16} color={variable(colour)} withShadow={false} />
                    </Menu.Item>
                  ))}
                </Menu.Dropdown>
              </Menu>
              <TextInput
                data-option
                className={classes.grow}
                aria-label={t('catalogue.option', { n: at + 1 })}
                value={option.word}
                onChange={(event) => put(at, { word: event.currentTarget.value })}
                onKeyDown={(event) => onKey(event, at)}
                rightSection={option.retired ? <span className={classes.mark}>{t('catalogue.retired')}</span> : null}
                rightSectionWidth={option.retired ? 72 : undefined}
              />
            </MovableRow>
          );
        })}
      </ul>
      {open && (
        <Button size="compact" variant="subtle" color="gray" leftSection={<IconPlus {...iconLook} />} onClick={() => add(options.length)}>
          {t('catalogue.addOption')}
        </Button>
      )}
    </Input.Wrapper>
  );
}
