import { administration } from '#ui/administration.ts';
import type { MetaIndex } from '#ui/meta.ts';
import type { Words } from '#ui/words.ts';

/** A page that is reached from the settings, and by its name from the palette. */
export interface SettingsPage {
  key: string;
  /** Its address within the app. */
  to: string;
  word: string;
}

/** Where a page stands on the page of settings. */
export type SettingsSection = 'administration' | 'data' | 'done' | 'own' | 'developers';

/** Objects that have a page of their own instead of a list. */
const OWN_PAGES: Readonly<Record<string, string>> = {
  pipeline: '/settings/pipelines',
  leadForm: '/settings/web-forms',
  flow: '/settings/flows',
  territory: '/settings/territories',
};

/** The settings that this user may open, by section. Pure. */
export function settingsPages(meta: MetaIndex, { t, plural }: Pick<Words, 't' | 'plural'>): Record<SettingsSection, SettingsPage[]> {
  const may = meta.may('administer');
  const page = (to: string, word: string, shown = true): SettingsPage[] => (shown ? [{ key: to, to, word: t(word) }] : []);
  const kept = administration.flatMap((key) => {
    const object = meta.object(key);
    // Who administers has the roles with what they allow; the tree of territories is for who cuts them.
    if (!object || (key === 'role' && may)) return [];
    const own = key === 'territory' && object.verbs.update !== true ? undefined : OWN_PAGES[key];
    const to = own ?? `/o/${object.plural}`;
    return [{ key: to, to, word: key === 'territory' && own ? t('territories.title') : plural(key) }];
  });
  return {
    administration:
      kept.length === 0
        ? []
        : [
            ...page('/settings/objects', 'catalogue.title', may),
            ...page('/settings/roles', 'roles.title', may),
            ...kept,
            ...page('/settings/lead-scores', 'scores.title', meta.object('scoreRule') !== undefined),
            ...page('/settings/lead-assignment', 'assignment.title', meta.object('assignmentRule') !== undefined),
          ],
    data: [
      ...page('/quality', 'quality.title'),
      ...page('/settings/duplicates', 'identity.title', may && meta.objects.some((object) => object.duplicates)),
      ...page('/settings/retention', 'retention.title', may),
      ...page('/settings/backups', 'backups.title', may),
    ],
    done: [...page('/approvals', 'approvals.title'), ...page('/history', 'audit.title'), ...page('/trash', 'trash.title')],
    own: [
      ...page('/settings/sign-in', 'devices.link'),
      ...page('/settings/calendars', 'calendars.title'),
      ...page('/settings/booking', 'bookingPages.title', meta.object('bookingPage') !== undefined),
      ...page('/settings/sign-ins', 'signIns.title', may),
      ...page('/settings/sign-in-providers', 'providers.title', may),
    ],
    developers: [...page('/settings/webhooks', 'webhooks.title', may), ...page('/settings/applications', 'applications.title', may)],
  };
}
