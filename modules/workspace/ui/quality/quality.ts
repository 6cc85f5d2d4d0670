import { queryOptions } from '@tanstack/react-query';
import { get } from '#ui/api.ts';
import type { Where } from '#ui/list/predicate.ts';
import type { RecordData } from '#ui/wire.ts';

export const dimensions = ['completeness', 'validity', 'freshness'] as const;

export interface MeasuredRule {
  id: string;
  name: string | null;
  dimension: (typeof dimensions)[number] | 'uniqueness';
  weight: number;
  applies: number;
  bad: number;
  where: Where | null;
}

/** A rule that is not measured as things stand, and why. */
export interface RestingRule {
  id: string;
  name: string;
  reason: 'retired' | 'building' | 'unknown';
  /** The path that it speaks of, where one is at fault. */
  field: string | null;
}

export interface Quality {
  object: string;
  at: string | null;
  records: number;
  score: number | null;
  ownTeams: boolean;
  rules: MeasuredRule[];
  resting: RestingRule[];
  teams: { team: { id: string; name: string } | null; score: number | null; bad: number }[];
  sources: { source: string; score: number | null; bad: number }[];
  course: { day: string; score: number | null }[];
}

/** A rule as its record holds it. */
export interface QualityRule extends RecordData {
  name: string;
  dimension: (typeof dimensions)[number];
  applies: unknown;
  good: unknown;
  weight: number | null;
}

/** What was measured last of the records of an object. */
export const qualityQuery = (object: string) =>
  queryOptions({
    queryKey: ['quality', object],
    queryFn: ({ signal }) => get<Quality>('/quality', { object }, signal),
  });

/** The course of a score as the points of a line in a box, oldest left; empty below two days. */
export function coursePoints(course: Quality['course'], width: number, height: number): string {
  const known = course.filter((one): one is { day: string; score: number } => one.score !== null);
  const first = known[0];
  const last = known.at(-1);
  if (!first || !last || first === last) return '';
  const from = Date.parse(first.day);
  const span = Date.parse(last.day) - from;
  const scores = known.map((one) => one.score);
  // A course that hardly moves is drawn flat, not blown up.
  const low = Math.min(...scores, Math.max(...scores) - 0.1);
  const range = Math.max(...scores) - low;
  return known
    .map(
      (one) =>
        `${(((Date.parse(one.day) - from) / span) * width).toFixed(1)},${(height - ((one.score - low) / range) * height).toFixed(1)}`,
    )
    .join(' ');
}
