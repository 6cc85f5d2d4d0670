import type { Tx } from '#engine/store/db.ts';
import type { ForecastCategory } from './pipeline.object.ts';

/** A stage as the rules of deals need it. */
export interface Stage {
  id: string;
  name: string;
  pipeline: string;
  category: 'open' | 'won' | 'lost';
  probability: number;
  forecastCategory: ForecastCategory | null;
  position: number;
  isDefault: boolean;
  toEnter: string[] | null;
  toLeave: string[] | null;
}

/** All stages, those of the default pipeline first, each pipeline's in their order. */
export const stagesIn = (tx: Tx): Promise<Stage[]> =>
  tx.query(
    `select s.id, s.name, s.pipeline_id as pipeline, s.category, s.probability::float8 as probability, s.forecast_category as "forecastCategory",
       s.position::int as position, coalesce(p.is_default, false) as "isDefault", s.required_to_enter as "toEnter", s.required_to_leave as "toLeave"
     from stages s join pipelines p on p.id = s.pipeline_id and p.deleted_at is null where s.deleted_at is null order by coalesce(p.is_default, false) desc, p.created_at, s.position`,
  );

export type Direction = 'entered' | 'forward' | 'back' | 'moved' | 'won' | 'lost' | 'reopened';

/** What it means for a deal to go from one stage to another. */
export function directionOf(from: Stage | undefined, to: Stage): Direction {
  if (to.category !== 'open') return to.category;
  if (!from) return 'entered';
  if (from.category !== 'open') return 'reopened';
  if (from.pipeline !== to.pipeline) return 'moved';
  return to.position < from.position ? 'back' : 'forward';
}
