import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { GRAINS } from '#engine/declare/report.ts';
import { cutText } from '#ui/chart/answer.ts';
import { reordered } from '#ui/form/movable-row.tsx';
import { iconLook } from '#ui/icons.ts';
import { FieldPicker } from '#ui/list/field-picker.tsx';
import { isCondition } from '#ui/list/predicate.ts';
import { HangingPopover, MenuButton } from '#ui/menu-button.tsx';
import { useMeta } from '#ui/meta.ts';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './insight.module.css';
import type { Cut, MeasureInfo, Question } from './insight.ts';
import { hasTime, sharedDimensions } from './question.ts';

const MOST = 3;

interface Props {
  question: Question;
  measures: readonly MeasureInfo[];
  object: ObjectMeta | undefined;
  onChange: (by: Cut[]) => void;
}

/** By what the figures are cut, in the order of rows, columns and series. */
export function CutPart({ question, measures, object, onChange }: Props): ReactNode {
  const words = useWords();
  const { t } = words;
  const meta = useMeta();
  const by = [...(question.by ?? [])];
  const opener = useRef<HTMLButtonElement>(null);
  const [picking, setPicking] = useState(false);
  const same = (a: Cut, b: Cut): boolean => JSON.stringify(a) === JSON.stringify(b);
  const offered = sharedDimensions(question, measures).filter((path) => !by.includes(path));
  const timed = hasTime(question, measures) && !by.some((cut) => typeof cut !== 'string' && cut.of === undefined);
  const dates = object?.fields.filter((field) => field.type === 'date' && !field.hidden) ?? [];
  const name = (cut: Cut): string => cutText(meta, words, object?.key ?? '', cut);
  const add = (cut: Cut): void => {
    if (!by.some((one) => same(one, cut))) onChange([...by, cut]);
  };
  return (
    <fieldset className={classes.group}>
      <legend>{t('report.by')}</legend>
      <ul className={classes.chosen}>
        {by.map((cut, at) => (
          <li key={JSON.stringify(cut)}>
            <span className="pg-ellipsis">{name(cut)}</span>
            {at > 0 && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('move.up', { name: name(cut) })}
                onClick={() => onChange(reordered(by, at, at - 1))}
              >
                <IconArrowUp {...iconLook} />
              </ActionIcon>
            )}
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('report.without', { name: name(cut) })}
              onClick={() => onChange(by.filter((_, i) => i !== at))}
            >
              <IconX {...iconLook} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      {by.length < MOST && (
        <>
          <MenuButton
            position="bottom-start"
            scrolling
            opener={opener}
            button={(props) => (
              <Button
                {...props}
                size="compact"
                variant="subtle"
                leftSection={<IconPlus {...iconLook} />}
                disabled={question.measures.length === 0}
              >
                {t('report.addCut')}
              </Button>
            )}
          >
            {() => (
              <>
                {timed && <Menu.Label>{t('report.time')}</Menu.Label>}
                {timed &&
                  GRAINS.map((every) => (
                    <Menu.Item key={every} onClick={() => add({ every })}>
                      {t(`grain.${every}`)}
                    </Menu.Item>
                  ))}
                <Menu.Label>{t('report.fields')}</Menu.Label>
                {offered.map((path) => (
                  <Menu.Item key={path} onClick={() => add(path)}>
                    {name(path)}
                  </Menu.Item>
                ))}
                {dates.map((field) => (
                  <Menu.Item key={field.key} onClick={() => add({ every: 'month', of: field.key })}>
                    {name({ every: 'month', of: field.key })}
                  </Menu.Item>
                ))}
                {object && <Menu.Item onClick={() => setPicking(true)}>{t('report.otherField')}</Menu.Item>}
              </>
            )}
          </MenuButton>
          <HangingPopover
            to={opener}
            opened={picking}
            onChange={setPicking}
            position="bottom-start"
            width={280}
            content={() =>
              object && (
                <FieldPicker
                  object={object}
                  onPick={(node) => {
                    setPicking(false);
                    if (isCondition(node)) add(node.field);
                  }}
                />
              )
            }
          />
        </>
      )}
    </fieldset>
  );
}
