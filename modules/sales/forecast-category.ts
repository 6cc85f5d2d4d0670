import type { ForecastCategory } from './pipeline.object.ts';

/** How sure a stage makes one of its deals, unless it says so itself: what is won is not foretold any more, what is lost not counted. */
export function forecastCategoryOf(category: string, probability: number): ForecastCategory | null {
  if (category === 'won') return null;
  if (category === 'lost') return 'omitted';
  if (probability < 0.3) return 'pipeline';
  return probability < 0.7 ? 'bestCase' : 'commit';
}
