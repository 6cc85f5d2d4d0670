import { Button, Group, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { failureText } from '#ui/failure.ts';
import { formatMoney, formatNumber } from '#ui/format.ts';
import { showFailure } from '#ui/notify.tsx';
import { useSession } from '#ui/session.ts';
import { useWords } from '#ui/words.ts';
import classes from './territories.module.css';
import { applyRules, previewQuery, type RuleChange } from './territories.ts';

/** What a new cut would do, before it is made: who moves from where to where and what hangs on them. */
export function PreviewDialog({
  rules,
  name,
  onClose,
  onApplied,
}: {
  rules: readonly RuleChange[];
  name: (id: string | null) => string;
  onClose: () => void;
  onApplied: () => void;
}): ReactNode {
  const { t } = useWords();
  const currency = useSession()?.company.baseCurrency ?? 'EUR';
  const { data, error, isPending } = useQuery(previewQuery(rules));
  const [busy, setBusy] = useState(false);
  const apply = async (): Promise<void> => {
    setBusy(true);
    try {
      await applyRules(rules);
      onApplied();
      onClose();
    } catch (failure) {
      showFailure(failure);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('territories.previewTitle')} size={720} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {isPending && <p className="pg-secondary">{t('territories.looking')}</p>}
      {error && <p role="alert">{failureText(error)}</p>}
      {data && data.total === 0 && <p>{t('territories.nobodyMoves')}</p>}
      {data && data.total > 0 && (
        <>
          <div className={classes.scroll}>
            <table className={classes.moves}>
              <caption className="pg-secondary">{t('territories.total', { count: data.total, n: formatNumber(data.total, 0) })}</caption>
              <thead>
                <tr>
                  <th scope="col">{t('territories.from')}</th>
                  <th scope="col">{t('territories.to')}</th>
                  <th scope="col" data-number>
                    {t('territories.customers')}
                  </th>
                  <th scope="col" data-number>
                    {t('territories.openOpportunities')}
                  </th>
                  <th scope="col" data-number>
                    {t('territories.revenue')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.moves.map((move) => (
                  <tr key={`${move.from} ${move.to}`}>
                    <td>{name(move.from)}</td>
                    <td>{name(move.to)}</td>
                    <td data-number>{formatNumber(move.count, 0)}</td>
                    <td data-number>{move.openOpportunities === null ? '' : formatNumber(move.openOpportunities, 0)}</td>
                    <td data-number>{move.revenue === null ? '' : formatMoney({ amount: move.revenue, currency }, { whole: true })}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <details className={classes.first}>
            <summary>{t('territories.first', { count: data.first.length })}</summary>
            <ul>
              {data.first.map((party) => (
                <li key={party.id}>
                  <Link className="pg-link" to="/o/$plural/$id" params={{ plural: 'parties', id: party.id }} target="_blank">
                    {party.name ?? t('record.unnamed')}
                  </Link>{' '}
                  <span className="pg-secondary">{t('territories.fromTo', { from: name(party.from), to: name(party.to) })}</span>
                </li>
              ))}
            </ul>
          </details>
        </>
      )}
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        {data && (data.total > 0 || rules.length > 0) && (
          <Button onClick={() => void apply()} loading={busy}>
            {data.total > 0 ? t('territories.apply', { count: data.total, n: formatNumber(data.total, 0) }) : t('territories.saveRules')}
          </Button>
        )}
      </Group>
    </Modal>
  );
}
