import { useMediaQuery } from '@mantine/hooks';
import {
  IconArrowMerge,
  IconCalendarUser,
  IconChartBar,
  IconFileImport,
  IconLayoutDashboard,
  IconPhoneCall,
  IconSearch,
  IconSettings,
  IconSunHigh,
  type TablerIcon,
} from '@tabler/icons-react';
import { Link, type LinkProps, useRouterState } from '@tanstack/react-router';
import { Fragment, memo, type ReactNode } from 'react';
import { iconLook, iconOf } from '#ui/icons.ts';
import { useViews } from '#ui/list/views.ts';
import { useMeta } from '#ui/meta.ts';
import { useSession } from '#ui/session.ts';
import { Tip } from '#ui/tip.tsx';
import { useWords } from '#ui/words.ts';
import { AccountMenu } from './account-menu.tsx';
import { JobTray } from './job-tray.tsx';
import { useMayDecideDuplicates, useNavigationObjects } from './navigation.ts';
import { NoticeBell } from './notice-bell.tsx';
import { SampleLine } from './sample-line.tsx';
import classes from './shell.module.css';

interface EntryProps extends Pick<LinkProps, 'to' | 'params'> {
  icon: TablerIcon;
  word: string;
  folded: boolean;
}

const Entry = memo(function Entry({ icon: Icon, word, folded, to, params }: EntryProps): ReactNode {
  return (
    <Tip label={folded ? word : undefined} beside>
      <Link
        className={classes.entry}
        to={to}
        params={params}
        aria-label={folded ? word : undefined}
        activeProps={{ 'data-active': true }}
        activeOptions={{ includeSearch: false }}
      >
        <Icon {...iconLook} />
        {!folded && <span className="pg-ellipsis">{word}</span>}
      </Link>
    </Tip>
  );
});

/** Company, search, objects; below them files, settings, jobs and the account. Folded to icons on narrow screens. */
export const Sidebar = memo(function Sidebar({ onSearch }: { onSearch: () => void }): ReactNode {
  const { t, plural } = useWords();
  const session = useSession();
  const meta = useMeta();
  const objects = useNavigationObjects();
  const deciding = useMayDecideDuplicates();
  const views = useViews();
  const at = useRouterState({ select: (state): string => String((state.location.search as { view?: unknown }).view ?? '') });
  const folded = useMediaQuery('(width < 1100px)', false, { getInitialValueInEffect: false }) ?? false;
  return (
    <nav className={classes.sidebar} data-folded={folded || undefined} aria-label={t('shell.navigation')}>
      <div className={classes.company} title={session?.company.name}>
        <img src="/mark.svg" width={20} height={20} alt="" />
        {!folded && <span className="pg-ellipsis">{session?.company.name}</span>}
      </div>
      <Tip label={folded ? `${t('search.open')} (/)` : undefined} beside>
        <button type="button" className={classes.search} onClick={onSearch} aria-label={t('search.open')}>
          <IconSearch {...iconLook} />
          {!folded && (
            <>
              <span>{t('search.open')}</span>
              <kbd className={classes.key}>/</kbd>
            </>
          )}
        </button>
      </Tip>
      <div className={classes.entries}>
        <Entry icon={IconSunHigh} word={t('myDay.title')} folded={folded} to="/my-day" />
        {meta.object('meeting') && <Entry icon={IconCalendarUser} word={t('team.title')} folded={folded} to="/calendar" />}
        {meta.object('callList') && <Entry icon={IconPhoneCall} word={t('calls.title')} folded={folded} to="/calls" />}
        {meta.object('dashboard') && <Entry icon={IconLayoutDashboard} word={t('dashboard.all')} folded={folded} to="/dashboards" />}
        {meta.object('report') && <Entry icon={IconChartBar} word={t('report.all')} folded={folded} to="/reports" />}
        {objects.map((object) => (
          <Fragment key={object.key}>
            <Entry
              icon={iconOf(object.icon)}
              word={plural(object.key)}
              folded={folded}
              to="/o/$plural"
              params={{ plural: object.plural }}
            />
            {!folded && object.key === 'opportunity' && (
              <>
                <Link className={classes.viewEntry} to="/forecast" search={{}}>
                  <span className="pg-ellipsis">{t('forecast.open')}</span>
                </Link>
                <Link className={classes.viewEntry} to="/since" search={{}}>
                  <span className="pg-ellipsis">{t('since.open')}</span>
                </Link>
              </>
            )}
            {!folded &&
              views
                ?.filter((view) => view.object === object.key)
                .map((view) => (
                  <Link
                    key={view.id}
                    className={classes.viewEntry}
                    to="/o/$plural"
                    params={{ plural: object.plural }}
                    search={{ view: view.id }}
                    data-active={at === view.id || undefined}
                  >
                    <span className="pg-ellipsis">{view.name}</span>
                  </Link>
                ))}
          </Fragment>
        ))}
      </div>
      <div className={classes.foot}>
        {!folded && <SampleLine />}
        <JobTray folded={folded} />
        <NoticeBell folded={folded} />
        {deciding && <Entry icon={IconArrowMerge} word={t('duplicate.all')} folded={folded} to="/duplicates" />}
        {meta.may('import') && <Entry icon={IconFileImport} word={t('import.title')} folded={folded} to="/imports" />}
        <Entry icon={IconSettings} word={t('settings.title')} folded={folded} to="/settings" />
        <AccountMenu folded={folded} />
      </div>
    </nav>
  );
});
