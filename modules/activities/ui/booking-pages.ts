import { queryOptions } from '@tanstack/react-query';
import { post } from '#ui/api.ts';
import { queryClient } from '#ui/query-client.ts';
import type { Page } from '#ui/wire.ts';
import { words } from '#ui/words.ts';

/** The booking pages that I may see, by title. */
export const bookingPagesQuery = queryOptions({
  queryKey: ['booking-pages'],
  queryFn: async ({ signal }) => (await post<Page>('/bookingPages/query', { sort: ['title'], limit: 200 }, signal)).items,
});
export const refreshPages = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['booking-pages'] });

/** Monday to Sunday, by their names. */
export function weekdays(): { key: string; name: string }[] {
  const name = new Intl.DateTimeFormat(words().language, { weekday: 'long', timeZone: 'UTC' });
  // The first of January 2024 was a Monday.
  return [1, 2, 3, 4, 5, 6, 7].map((day) => ({ key: String(day), name: name.format(Date.UTC(2024, 0, day)) }));
}
