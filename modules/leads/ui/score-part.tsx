import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get } from '#ui/api.ts';
import { formatDate, formatNumber, formatPercent, formatRelative, formatSigned } from '#ui/format.ts';
import { fieldOf } from '#ui/meta.ts';
import { isObject, type ObjectMeta, type RecordData, readNamed } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './score.module.css';

interface Reason {
  rule: { id: string; name: string } | null;
  kind: 'fit' | 'engagement' | null;
  points: number;
  touches: number | null;
  at: string | null;
  halvedOn: string | null;
}

/** How promising a lead is with each reason, and why it is whose it is. */
export function ScorePart({ object, record }: { object: ObjectMeta; record: RecordData }): ReactNode {
  const { t, field: fieldWord } = useWords();
  const open = record.status !== 'converted' && record.status !== 'lost';
  const known = fieldOf(object, 'score') !== undefined;
  // What moves the score moves the record or its figures, which brings the record anew.
  const { data } = useQuery({
    queryKey: ['leadScore', record.id, record.version, record.score],
    queryFn: ({ signal }) => get<{ score: number; grade: string; reasons: Reason[] }>(`/lead-scores/${record.id}`, {}, signal),
    enabled: known && open,
    placeholderData: (held) => held,
  });
  const score = open && data ? data.score : record.score;
  const grade = open && data ? data.grade : record.grade;
  const given = assignedText(t, record);
  if ((!known || typeof score !== 'number') && !given) return null;
  return (
    <section className={classes.part} aria-label={fieldWord(object.key, 'score')}>
      {typeof score === 'number' && (
        <p className={classes.score}>
          <span className={classes.grade} data-grade={typeof grade === 'string' ? grade : undefined}>
            {typeof grade === 'string' ? grade : ''}
          </span>
          {t('leadScore.points', { count: score, n: formatNumber(score, 0) })}
        </p>
      )}
      {open && data && data.reasons.length > 0 && (
        <ul className={classes.reasons} aria-label={t('leadScore.reasons')}>
          {data.reasons.map((reason) => (
            <li key={reason.rule?.id ?? ''}>
              <span className={classes.points}>{formatSigned(reason.points)}</span>
              <span className={classes.reason}>
                {reason.rule?.name ?? t('leadScore.hidden')}
                {reason.at && reason.halvedOn && (
                  <span className={classes.quiet}>
                    {t('leadScore.touches', {
                      count: reason.touches ?? 0,
                      n: formatNumber(reason.touches ?? 0, 0),
                      when: formatRelative(reason.at),
                    })}
                    {' · '}
                    {t('leadScore.halved', { day: formatDate(reason.halvedOn, true) })}
                  </span>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      {open && data && data.reasons.length === 0 && <p className={classes.quiet}>{t('leadScore.none')}</p>}
      {given && <p className={classes.given}>{given}</p>}
    </section>
  );
}

/** By which rule and why the owner got it, as one sentence; null where somebody gave it by hand. */
function assignedText(t: ReturnType<typeof useWords>['t'], record: RecordData): string | null {
  const why = record.assignedWhy;
  const owner = readNamed(record.owner);
  if (!isObject(why) || typeof why.rule !== 'string' || typeof why.way !== 'string' || !owner) return null;
  const said = {
    name: owner.name,
    rule: why.rule,
    when: typeof why.at === 'string' ? formatRelative(why.at) : '',
    n: formatNumber(typeof why.open === 'number' ? why.open : 0, 0),
    count: typeof why.open === 'number' ? why.open : 0,
    capacity: formatPercent(typeof why.capacity === 'number' ? why.capacity : 1),
    skills: Array.isArray(why.skills) ? why.skills.join(', ') : '',
    territory: typeof why.territory === 'string' ? why.territory : '',
  };
  return t(`leadScore.given.${why.way}`, said);
}
