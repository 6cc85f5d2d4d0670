import { useLocalStorage } from '@mantine/hooks';

export const densities = ['compact', 'normal', 'roomy'] as const;
export type Density = (typeof densities)[number];

/** Height of a row in pixels (look.md). */
export const rowHeights: Record<Density, number> = { compact: 30, normal: 36, roomy: 44 };

/** How close the rows stand: a matter of eyes and screens, kept by the browser and not by the view. */
export function useDensity(): [Density, (density: Density) => void] {
  const [kept, keep] = useLocalStorage<string>({ key: 'perigon.density', defaultValue: 'normal', getInitialValueInEffect: false });
  return [densities.find((one) => one === kept) ?? 'normal', keep];
}
