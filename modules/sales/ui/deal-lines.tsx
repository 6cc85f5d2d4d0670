import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { RecordLink } from '#ui/fields/record-link.tsx';
import { formatMoney, formatNumber, formatPercent } from '#ui/format.ts';
import { fieldOf, useMeta } from '#ui/meta.ts';
import type { RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './deal.module.css';
import { linesQuery } from './deal.ts';

/** What is to be sold in a deal, line by line; nothing where nothing is listed. */
export function DealLines({ deal, onEdit }: { deal: RecordData; onEdit: (() => void) | null }): ReactNode {
  const { t, plural, field } = useWords();
  const object = useMeta().object('dealLine');
  const priced = object !== undefined && fieldOf(object, 'unitPrice') !== undefined;
  const lines = useQuery({ ...linesQuery(deal.id, priced), enabled: object !== undefined }).data ?? [];
  if (lines.length === 0) return null;
  const word = (key: string): string => field('dealLine', key);
  return (
    <section className={classes.lines} aria-label={plural('dealLine')}>
      <div className={classes.linesHead}>
        <h2 className={classes.label}>{plural('dealLine')}</h2>
        {onEdit && (
          <Button size="compact" variant="subtle" color="gray" onClick={onEdit}>
            {t('deal.editLines')}
          </Button>
        )}
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">{word('product')}</th>
            <th scope="col">{word('quantity')}</th>
            {priced && (
              <th scope="col" data-wide>
                {word('unitPrice')}
              </th>
            )}
            <th scope="col" data-wide>
              {word('discount')}
            </th>
            {priced && <th scope="col">{word('total')}</th>}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id}>
              <th scope="row">
                {line.product ? <RecordLink object="product" to={{ id: line.product.id, name: line.name }} /> : line.name}
              </th>
              <td>{formatNumber(line.quantity, 4)}</td>
              {priced && <td data-wide>{line.unitPrice && formatMoney(line.unitPrice)}</td>}
              <td data-wide>{line.discount ? formatPercent(line.discount) : '–'}</td>
              {priced && <td>{line.total && formatMoney(line.total)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
