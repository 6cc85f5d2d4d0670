import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatNumber } from '#ui/format.ts';
import type { ActionPart } from '#ui/record/action-parts.ts';
import { courseLabel } from '#ui/record/course.tsx';
import { type Named, type Page, readNamed } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './lead.module.css';

/** Leads that are looked ahead for. */
const MOST = 200;

interface WouldGet {
  id: string;
  name: string;
  user: Named | null;
  why: { rule: string } | null;
}

/** Who would get which of the leads, before they are given out. */
function WouldGo({ ids }: { ids: readonly string[] }): ReactNode {
  const { t } = useWords();
  const asked = ids.slice(0, MOST);
  const { data, error } = useQuery({
    queryKey: ['figures', 'leads', 'assignment', asked],
    queryFn: ({ signal }) => post<{ items: WouldGet[] }>('/assignments/preview', { ids: asked }, signal),
    // Turns go on: what is shown is of now.
    staleTime: 0,
  });
  const left = ids.length - asked.length;
  if (error) return <p role="alert">{failureText(error)}</p>;
  return (
    <section className={classes.wouldGo} aria-label={t('leadAssign.wouldGo')} aria-busy={!data}>
      <h2 className={courseLabel}>{t('leadAssign.wouldGo')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by key */}
      <ul tabIndex={0}>
        {data?.items.map(({ id, name, user, why }) => (
          <li key={id}>
            <span className="pg-ellipsis">{name}</span>
            <span className="pg-secondary">
              {user ? t('leadAssign.to', { name: user.name, rule: why?.rule ?? '' }) : t('leadAssign.nobody')}
            </span>
          </li>
        ))}
      </ul>
      {left > 0 && <p className="pg-meta">{t('leadAssign.more', { count: left, n: formatNumber(left, 0) })}</p>}
    </section>
  );
}

/** The open deals of those whom the leads are about: a lead is added to no other. */
function useDealsOf(ids: readonly string[]): Readonly<Record<string, unknown>> {
  const { data } = useQuery({
    queryKey: ['figures', 'leads', 'parties', ids],
    queryFn: async ({ signal }) =>
      (await post<Page>('/leads/query', { where: { field: 'id', op: 'in', value: ids }, fields: ['party'], limit: 500 }, signal)).items,
  });
  return useMemo(() => {
    const parties = [...new Set((data ?? []).flatMap((lead) => readNamed(lead.party)?.id ?? []))];
    return {
      opportunity: {
        all: [
          { field: 'customer', op: 'in', value: parties },
          { field: 'stage.category', op: 'eq', value: 'open' },
        ],
      },
    };
  }, [data]);
}

/** What the acts on leads show before they are done. */
export const leadActionParts: Readonly<Record<string, Partial<ActionPart>>> = {
  assignLeads: { Above: WouldGo },
  convertLead: { useAmong: useDealsOf },
};
