import { ActionIcon, Button, NumberInput, Select, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { get, request } from '#ui/api.ts';
import { currencyChoices } from '#ui/fields/choices.ts';
import { readMoney } from '#ui/fields/money/index.tsx';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { MovableRow, reordered } from '#ui/form/movable-row.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { formatMoney } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import { showUndo } from '#ui/notify.tsx';
import { recordQuery, refreshAround } from '#ui/record/use-record.ts';
import { useSession } from '#ui/session.ts';
import type { Named, RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './deal.module.css';
import { type DealLine, linesQuery } from './deal.ts';
import { draftOf, draftSum, draftTotal, type LineDraft, operationsOf } from './lines.ts';

/** What is to be sold in a deal: lines are written together, and are taken back together. */
export function LinesDialog({ deal, onClose }: { deal: RecordData; onClose: () => void }): ReactNode {
  const held = useQuery(linesQuery(deal.id, true)).data;
  return held && <LinesForm deal={deal} held={held} onClose={onClose} />;
}

/** Where the server says that something of an operation is wrong. */
const pathOf = (operation: number, name: string): string => [operation, name].join('.');
const COLUMNS = { product: 'what', quantity: 'quantity', unitPrice: 'price', discount: 'percent', total: 'total' } as const;
/** What a number is, over it where there are no columns. */
const small = (label: string) => ({ label, classNames: { label: classes.narrow } });
const NAMES = ['product', 'name', 'quantity', 'unitPrice', 'discount'];

function LinesForm({ deal, held: current, onClose }: { deal: RecordData; held: readonly DealLine[]; onClose: () => void }): ReactNode {
  const { t, field } = useWords();
  const client = useQueryClient();
  const object = useMeta().object('opportunity');
  const base = useSession()?.company.baseCurrency ?? 'EUR';
  // As it was when the dialog opened: what comes in meanwhile does not move the rows under somebody's hands.
  const [held] = useState(current);
  const [currency, setCurrency] = useState(held[0]?.unitPrice?.currency ?? readMoney(deal.amount)?.currency ?? base);
  const [lines, setLines] = useState<LineDraft[]>(() => (held.length > 0 ? held.map(draftOf) : [empty(false, 0)]));
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const made = useRef(1);
  const gone = held.filter(({ id }) => lines.every((line) => line.id !== id)).length;
  const sum = draftSum(lines, currency);
  const change = (key: string, values: Partial<LineDraft>): void =>
    setLines((was) => was.map((line) => (line.key === key ? { ...line, ...values } : line)));
  // What was refused was said of the rows as they stood.
  const arrange = (next: (was: LineDraft[]) => LineDraft[]): void => {
    setFailure(null);
    setLines(next);
  };
  const add = (free: boolean): void => setLines((was) => [...was, empty(free, made.current++)]);
  const choose = async (line: LineDraft, product: Named | null): Promise<void> => {
    change(line.key, { product, name: product?.name ?? '' });
    if (!product) return;
    const priced = await get<RecordData>(`/products/${product.id}`, { fields: 'price' }).catch(() => null);
    const price = readMoney(priced?.price);
    // A price in another currency is no price here: what it is to cost is for a person to say.
    change(line.key, { price: price?.currency === currency ? price.amount : '' });
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      const operations = operationsOf(deal.id, held, lines, currency);
      const { cause } = await request('POST', '/dealLines/batch', { body: { operations } });
      onClose();
      showUndo(t('deal.linesSaved'), cause);
      if (!object) return;
      await Promise.all([
        client.invalidateQueries({ queryKey: recordQuery(object.plural, deal.id).queryKey }),
        refreshAround(client, object, deal.id),
      ]);
    } catch (problem) {
      setFailure(problem);
      setBusy(false);
    }
  };
  const paths = lines.flatMap((_, i) => NAMES.map((name) => pathOf(gone + i, name)));
  const refusal = refusalOf(failure, paths);
  const words = (key: string, n: number): string => t('deal.lineNumber', { n, what: field('dealLine', key) });
  return (
    <FormDialog
      title={t('deal.lines')}
      failure={refusal.whole}
      act={t('deal.saveLines')}
      waits={busy || (lines.length === 0 && held.length === 0)}
      size={920}
      onSubmit={submit}
      onClose={onClose}
    >
      {lines.length === 0 ? (
        <p className={classes.noLines}>{t('deal.noLines')}</p>
      ) : (
        <>
          <div className={classes.columns} aria-hidden>
            {(['product', 'quantity', 'unitPrice', 'discount', 'total'] as const).map((key) => (
              <span key={key} className={classes[COLUMNS[key]]}>
                {field('dealLine', key)}
              </span>
            ))}
          </div>
          <ol className={classes.drafts}>
            {lines.map((line, i) => {
              const n = i + 1;
              const total = draftTotal(line, currency);
              const wrong = (name: string): string | undefined => refusal.at(pathOf(gone + i, name));
              return (
                <MovableRow
                  key={line.key}
                  className={classes.draft}
                  group="dealLines"
                  place={{ list: 'lines', at: i }}
                  name={line.name || String(n)}
                  first={i === 0}
                  last={i === lines.length - 1}
                  onMove={(from, to) => arrange((was) => reordered(was, from.at, to.at))}
                  onStep={(by) => arrange((was) => reordered(was, i, i + by))}
                  acts={
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t('deal.dropCredit', { n })}
                      onClick={() => arrange((was) => was.filter(({ key }) => key !== line.key))}
                    >
                      <IconTrash {...iconLook} />
                    </ActionIcon>
                  }
                >
                  <div className={classes.what}>
                    {line.free ? (
                      <TextInput
                        aria-label={words('name', n)}
                        placeholder={field('dealLine', 'name')}
                        value={line.name}
                        maxLength={300}
                        error={wrong('name')}
                        onChange={(event) => change(line.key, { name: event.currentTarget.value })}
                      />
                    ) : (
                      <RecordPicker
                        object="product"
                        value={line.product && { ...line.product, name: line.name || line.product.name }}
                        ariaLabel={words('product', n)}
                        placeholder={field('dealLine', 'product')}
                        error={wrong('product') ?? wrong('name')}
                        onChange={(product) => void choose(line, product)}
                      />
                    )}
                  </div>
                  <NumberInput
                    className={classes.quantity}
                    {...small(field('dealLine', 'quantity'))}
                    aria-label={words('quantity', n)}
                    value={line.quantity}
                    onChange={(quantity) => change(line.key, { quantity: String(quantity) })}
                    error={wrong('quantity')}
                    min={0}
                    decimalScale={4}
                    hideControls
                  />
                  <NumberInput
                    className={classes.price}
                    {...small(field('dealLine', 'unitPrice'))}
                    aria-label={words('unitPrice', n)}
                    placeholder={field('dealLine', 'unitPrice')}
                    value={line.price}
                    onChange={(price) => change(line.key, { price: String(price) })}
                    error={wrong('unitPrice')}
                    decimalScale={4}
                    thousandSeparator=","
                    hideControls
                  />
                  <NumberInput
                    className={classes.percent}
                    {...small(field('dealLine', 'discount'))}
                    aria-label={words('discount', n)}
                    value={line.percent}
                    onChange={(percent) => change(line.key, { percent: String(percent) })}
                    error={wrong('discount')}
                    min={0}
                    max={100}
                    decimalScale={4}
                    suffix=" %"
                    hideControls
                  />
                  <output className={classes.total} aria-label={words('total', n)}>
                    {total === null ? '–' : formatMoney({ amount: total, currency })}
                  </output>
                </MovableRow>
              );
            })}
          </ol>
        </>
      )}
      <div className={classes.foot}>
        <Button size="compact" variant="default" onClick={() => add(false)}>
          {t('deal.addProduct')}
        </Button>
        <Button size="compact" variant="subtle" color="gray" onClick={() => add(true)}>
          {t('deal.addOther')}
        </Button>
        <Select
          className={classes.currency}
          aria-label={t('deal.currencyOfLines')}
          searchable
          allowDeselect={false}
          data={currencyChoices().map((choice) => choice.value)}
          value={currency}
          onChange={(next) => next && setCurrency(next)}
        />
        <strong className={classes.linesSum}>
          {t('deal.sumOfLines')} <output>{formatMoney(sum)}</output>
        </strong>
      </div>
    </FormDialog>
  );
}

const empty = (free: boolean, n: number): LineDraft => ({
  id: null,
  key: `new ${n}`,
  product: null,
  free,
  name: '',
  quantity: '1',
  price: '',
  percent: '0',
});
