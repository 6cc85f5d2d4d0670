import { NumberInput, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { formatDateTime, formatMoney, formatStretch } from '#ui/format.ts';
import { showUndo } from '#ui/notify.tsx';
import { useSession } from '#ui/session.ts';
import { useWords } from '#ui/words.ts';
import type { ForecastAnswer } from '../read.ts';
import type { ForecastRow } from '../roll-up.ts';
import classes from './forecast.module.css';
import { FORECAST } from './forecast.ts';

/** Says what will be won by somebody or a team in a period, with a note; beside it what the other said of it. */
export function CallDialog({ row, told, onClose }: { row: ForecastRow; told: ForecastAnswer; onClose: () => void }): ReactNode {
  const { t, field } = useWords();
  const client = useQueryClient();
  const session = useSession();
  const kind = row.kind === 'user' && row.id === session?.user.id ? 'submitted' : 'override';
  const held = row.calls.find((call) => call.kind === kind);
  const other = row.calls.find((call) => call.kind !== kind);
  const [amount, setAmount] = useState<string | number>(held?.amount ?? '');
  const [note, setNote] = useState(held?.note ?? '');
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const refusal = refusalOf(failure, ['amount', 'note']);
  const money = (value: number): string => formatMoney({ amount: String(value), currency: told.currency }, { whole: true });
  const write = async (method: string, path: string, body?: unknown): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const { cause } = await request(method, path, body === undefined ? {} : { body });
      onClose();
      const again = () => client.invalidateQueries({ queryKey: FORECAST });
      showUndo(t('forecast.said'), cause, () => void again());
      await again();
    } catch (problem) {
      setFailure(problem);
      setBusy(false);
    }
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (amount === '' && held) return write('DELETE', `/forecastCalls/${held.id}`);
    const values = { amount: { amount: String(amount), currency: told.currency }, note: note || null };
    if (held) return write('PATCH', `/forecastCalls/${held.id}`, values);
    return write('POST', '/forecastCalls', {
      ...values,
      [row.kind === 'team' ? 'team' : 'user']: row.id,
      start: told.from,
      every: told.every,
    });
  };
  return (
    <FormDialog
      title={t('forecast.callTitle', { name: row.name, period: formatStretch(told.from, told.every) })}
      failure={failure === null ? null : refusal.whole}
      act={amount === '' && held ? t('forecast.takeBack') : t('forecast.sayAct')}
      waits={busy || (amount === '' && !held)}
      size={440}
      onSubmit={submit}
      onClose={onClose}
    >
      {other && (
        <p className={classes.other}>
          {t(`forecast.other.${other.kind}`, {
            amount: money(other.amount),
            by: other.by ?? '',
            at: other.at ? formatDateTime(other.at) : '',
          })}
          {other.note && <span className={classes.note}>{other.note}</span>}
        </p>
      )}
      <NumberInput
        data-autofocus
        label={`${field('forecastCall', 'amount')} (${told.currency})`}
        description={t('forecast.dealsSay', {
          won: money(row.figures.won ?? 0),
          commit: money((row.figures.won ?? 0) + (row.figures.commit ?? 0)),
        })}
        hideControls
        thousandSeparator=","
        min={0}
        value={amount}
        onChange={setAmount}
        error={refusal.at('amount')}
      />
      <Textarea
        label={field('forecastCall', 'note')}
        autosize
        minRows={2}
        maxLength={2000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        error={refusal.at('note')}
      />
    </FormDialog>
  );
}
