import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconInfoCircle, IconPlus, IconX } from '@tabler/icons-react';
import { Fragment, type ReactNode } from 'react';
import { formatDateTime } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { MenuButton, PopoverButton } from '#ui/menu-button.tsx';
import { useMeta } from '#ui/meta.ts';
import { useWords } from '#ui/words.ts';
import classes from './insight.module.css';
import type { MeasureInfo } from './insight.ts';

interface Props {
  chosen: readonly string[];
  measures: readonly MeasureInfo[];
  asOf: string | undefined;
  onChange: (measures: string[]) => void;
}

/** What is measured: chosen by name, each with what it means. */
export function MeasurePart({ chosen, measures, asOf, onChange }: Props): ReactNode {
  const { t, plural } = useWords();
  const objects = [...new Set(measures.map(({ object }) => object))];
  return (
    <fieldset className={classes.group}>
      <legend>{t('report.measures')}</legend>
      <ul className={classes.chosen}>
        {chosen.map((key) => (
          <li key={key}>
            <span>{t(`measure.${key}`)}</span>
            <Explained measure={measures.find((one) => one.key === key)} name={t(`measure.${key}`)} asOf={asOf} />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('report.without', { name: t(`measure.${key}`) })}
              onClick={() => onChange(chosen.filter((one) => one !== key))}
            >
              <IconX {...iconLook} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <MenuButton
        position="bottom-start"
        width={320}
        scrolling
        button={(props) => (
          <Button {...props} size="compact" variant="subtle" leftSection={<IconPlus {...iconLook} />}>
            {t('report.addMeasure')}
          </Button>
        )}
      >
        {() =>
          objects.map((object) => (
            <Fragment key={object}>
              <Menu.Label>{plural(object)}</Menu.Label>
              {measures
                .filter((one) => one.object === object && !chosen.includes(one.key))
                .map(({ key }) => (
                  <Menu.Item key={key} onClick={() => onChange([...chosen, key])}>
                    {t(`measure.${key}`)}
                    <br />
                    <span className="pg-meta">{t(`measure.${key}.is`)}</span>
                  </Menu.Item>
                ))}
            </Fragment>
          ))
        }
      </MenuButton>
    </fieldset>
  );
}

/** What a figure is: in words, of which records, on which day they count, and as of when it is told. */
function Explained({ measure, name, asOf }: { measure: MeasureInfo | undefined; name: string; asOf: string | undefined }): ReactNode {
  const { t, plural, field } = useWords();
  const object = useMeta().object(measure?.object);
  if (!measure || !object) return null;
  return (
    <PopoverButton
      position="bottom-start"
      width={300}
      button={(props) => (
        <ActionIcon {...props} variant="subtle" color="gray" aria-label={t('report.explain', { name })}>
          <IconInfoCircle {...iconLook} />
        </ActionIcon>
      )}
    >
      {() => (
        <dl className={classes.explained}>
          <dt>{t('report.formula')}</dt>
          <dd>{t(`measure.${measure.key}.is`)}</dd>
          <dt>{t('report.source')}</dt>
          <dd>{t('report.sourceIs', { objects: plural(object.key) })}</dd>
          <dt>{t('report.counts')}</dt>
          <dd>{measure.at ? field(object.key, measure.at) : t('report.countsNow')}</dd>
          {measure.unit === 'money' && (
            <>
              <dt>{t('report.money')}</dt>
              <dd>{t('report.moneyIs')}</dd>
            </>
          )}
          {asOf && (
            <>
              <dt>{t('report.asOf')}</dt>
              <dd>{formatDateTime(asOf)}</dd>
            </>
          )}
        </dl>
      )}
    </PopoverButton>
  );
}
