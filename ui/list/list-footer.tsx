import { Menu } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { memo, type ReactNode } from 'react';
import { viewOf } from '../fields/registry.ts';
import { formatNumber } from '../format.ts';
import { iconLook } from '../icons.ts';
import { MenuButton } from '../menu-button.tsx';
import { useSession } from '../session.ts';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import type { Column } from './columns.ts';
import { isDate } from './condition-text.ts';
import { FigureValue } from './figure.tsx';
import { figuresOf } from './groups.ts';
import classes from './list.module.css';
import type { FigureKind } from './list-search.ts';
import type { Where } from './predicate.ts';
import { useFigures } from './use-figures.ts';

interface Props {
  object: ObjectMeta;
  where: Where | undefined;
  columns: readonly Column[];
  figures: Readonly<Record<string, FigureKind>> | undefined;
  onChange: (figures: Record<string, FigureKind> | undefined) => void;
}

/** The line under the list: what each column comes to, over all rows that meet the filter. A press on a cell chooses. */
export const ListFooter = memo(function ListFooter({ object, where, columns, figures, onChange }: Props): ReactNode {
  const { t, field: fieldWord } = useWords();
  const session = useSession();
  const { of, unconverted } = useFigures(object, where, figures);
  const choose = (key: string, kind: FigureKind | null): void => {
    const { [key]: _was, ...rest } = figures ?? {};
    const next = kind === null ? rest : { ...rest, [key]: kind };
    onChange(Object.keys(next).length > 0 ? next : undefined);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
    <div role="row" tabIndex={-1} className={classes.foot}>
      {columns.map(({ key, field }) => {
        const word = fieldWord(object.key, key);
        const kind = figures?.[key];
        const kinds = field ? figuresOf(field) : [];
        const end = field !== undefined && viewOf(field.type).align === 'end';
        const currency = session?.company.baseCurrency ?? '';
        const dated = isDate(field?.type);
        const kindWord = (one: FigureKind): string =>
          t(dated && (one === 'min' || one === 'max') ? `figure.${one}Date` : `figure.${one}`, { currency });
        return (
          // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element
          <div key={key} role="gridcell" tabIndex={-1} className={classes.footCell} data-end={end || undefined}>
            <MenuButton
              position="top-start"
              width={232}
              button={(props) => (
                <button
                  {...props}
                  type="button"
                  className={classes.footButton}
                  data-empty={kind === undefined || undefined}
                  aria-label={kind ? undefined : t('figure.of', { field: word })}
                >
                  {kind && field ? (
                    <>
                      <span className="pg-meta">{kindWord(kind)}</span>{' '}
                      <FigureValue figure={of[key] ?? null} field={field} object={object.key} />
                      {(unconverted[key] ?? 0) > 0 && (
                        <span className={classes.unconverted}>
                          {t('figure.unconverted', { count: unconverted[key], n: formatNumber(unconverted[key] ?? 0) })}
                        </span>
                      )}
                    </>
                  ) : (
                    t('figure.add')
                  )}
                </button>
              )}
            >
              {() => (
                <>
                  <Menu.Label>{word}</Menu.Label>
                  {kinds.map((one) => (
                    <Menu.Item
                      key={one}
                      rightSection={one === kind ? <IconCheck {...iconLook} /> : undefined}
                      onClick={() => choose(key, one === kind ? null : one)}
                    >
                      {kindWord(one)}
                    </Menu.Item>
                  ))}
                  {kind && (
                    <>
                      <Menu.Divider />
                      <Menu.Item onClick={() => choose(key, null)}>{t('figure.none')}</Menu.Item>
                    </>
                  )}
                </>
              )}
            </MenuButton>
          </div>
        );
      })}
    </div>
  );
});
