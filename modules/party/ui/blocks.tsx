import { UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { viewOf } from '#ui/fields/registry.ts';
import { dayOf, formatAge, formatDate, formatMoney, formatNumber } from '#ui/format.ts';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { useWords } from '#ui/words.ts';
import type { Block, BlockItem } from './overview.ts';
import classes from './party.module.css';

/** The four questions anyone on the phone asks first, in this order. */
const order = ['outstanding', 'unresolvedCalls', 'serviceRecord', 'pastSales'];

function Line({ item }: { item: BlockItem }): ReactNode {
  const { t, object: objectWord, option } = useWords();
  const object = useMeta().object(item.object);
  const statusField = object ? (fieldOf(object, 'status') ?? fieldOf(object, 'stage')) : undefined;
  const title = item.title || t('record.unnamed');
  return (
    <li className={classes.blockItem}>
      <span className="pg-secondary">{objectWord(item.object)}</span>
      {object ? (
        <Link className={classes.itemTitle} to="/o/$plural/$id" params={{ plural: object.plural, id: item.id }}>
          {title}
        </Link>
      ) : (
        <span className="pg-ellipsis">{title}</span>
      )}
      <span className="pg-secondary pg-ellipsis">
        {item.status ? (statusField && object ? option(object.key, statusField.key, item.status) : item.status) : null}
      </span>
      <span className={classes.blockAmount}>{item.amount ? formatMoney(item.amount) : null}</span>
      <span className={classes.blockDate}>{item.at ? formatDate(dayOf(item.at), true) : null}</span>
    </li>
  );
}

/** Past sales, service record, what is outstanding, unresolved problem calls: how many, how old, whose. */
export function Blocks({ blocks }: { blocks: Record<string, Block> }): ReactNode {
  const { t } = useWords();
  const [open, setOpen] = useState<string | null>(null);
  const keys = [...order.filter((key) => key in blocks), ...Object.keys(blocks).filter((key) => !order.includes(key))];
  const opened = open === null ? undefined : blocks[open];
  return (
    <section className={classes.blocks} aria-label={t('overview.blocks')}>
      <div className={classes.blockRow}>
        {keys.map((key) => {
          const block = blocks[key];
          if (!block) return null;
          const Chevron = open === key ? IconChevronDown : IconChevronRight;
          const details = [
            block.age !== null && block.age !== undefined && block.count > 0
              ? block.age === 0
                ? t('overview.oldestToday')
                : t('overview.oldest', { age: formatAge(block.age) })
              : null,
            block.owner?.name ?? null,
          ].filter(Boolean);
          return (
            <UnstyledButton
              key={key}
              className={classes.block}
              disabled={block.count === 0}
              aria-expanded={open === key}
              data-open={open === key || undefined}
              onClick={() => setOpen(open === key ? null : key)}
            >
              <span className={classes.blockName}>
                {t(`overview.block.${key}`)}
                {block.count > 0 && <Chevron size={14} stroke={1.5} aria-hidden />}
              </span>
              <span className={classes.blockCount}>
                {formatNumber(block.count, 0)}
                {(block.amount ?? []).slice(0, 2).map((sum) => (
                  <span key={sum.currency} className={classes.blockSum}>
                    {formatMoney(sum, { whole: true })}
                  </span>
                ))}
              </span>
              <span className={classes.blockDetails}>{block.count === 0 ? t('overview.none') : details.join(' · ')}</span>
            </UnstyledButton>
          );
        })}
      </div>
      {opened && (
        <ul className={classes.blockItems}>
          {opened.items.map((item) => (
            <Line key={`${item.object}${item.id}`} item={item} />
          ))}
          {opened.count > opened.items.length && (
            <li className="pg-meta">{t('overview.moreItems', { count: opened.count - opened.items.length })}</li>
          )}
        </ul>
      )}
    </section>
  );
}

/** A figure's value by its field type. */
export function FigureValue({ type, value }: { type: string; value: unknown }): ReactNode {
  const { t } = useWords();
  const amounts = Array.isArray(value) ? value : [value];
  const view = viewOf(type);
  const field = { key: '', type, required: false, readOnly: true, hidden: false, sortable: false, filterable: false, operators: [] };
  const texts = amounts.map((one) => view.text(one, field, '')).filter(Boolean);
  return texts.length > 0 ? texts.slice(0, 2).join(' + ') : <span className="pg-meta">{t('overview.noFigure')}</span>;
}
