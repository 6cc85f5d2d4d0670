import { Drawer, UnstyledButton } from '@mantine/core';
import {
  IconArrowMerge,
  IconArrowsDiff,
  IconCalendarUser,
  IconChartLine,
  IconFileImport,
  IconMenu2,
  IconPhoneCall,
  IconSearch,
  IconSettings,
  IconSunHigh,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { iconLook, iconOf } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import { useWords } from '#ui/words.ts';
import { AccountMenu } from './account-menu.tsx';
import { JobTray } from './job-tray.tsx';
import { useMayDecideDuplicates, useNavigationObjects } from './navigation.ts';
import { NoticeBell } from './notice-bell.tsx';
import classes from './shell.module.css';

/** On a phone: the day, two lists, search, and everything else in a sheet. */
export function BottomBar({ onSearch }: { onSearch: () => void }): ReactNode {
  const meta = useMeta();
  const { t, plural } = useWords();
  const objects = useNavigationObjects();
  const deciding = useMayDecideDuplicates();
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const look = { ...iconLook, size: 20 };
  return (
    <nav className={classes.bottomBar} aria-label={t('shell.navigation')}>
      <Link className={classes.bottomEntry} to="/my-day" activeProps={{ 'data-active': true }}>
        <IconSunHigh {...look} />
        <span className="pg-ellipsis">{t('myDay.title')}</span>
      </Link>
      {objects.slice(0, 2).map((object) => {
        const Icon = iconOf(object.icon);
        return (
          <Link
            key={object.key}
            className={classes.bottomEntry}
            to="/o/$plural"
            params={{ plural: object.plural }}
            activeProps={{ 'data-active': true }}
            activeOptions={{ includeSearch: false }}
          >
            <Icon {...look} />
            <span className="pg-ellipsis">{plural(object.key)}</span>
          </Link>
        );
      })}
      <UnstyledButton className={classes.bottomEntry} onClick={onSearch}>
        <IconSearch {...look} />
        <span>{t('search.short')}</span>
      </UnstyledButton>
      <UnstyledButton className={classes.bottomEntry} onClick={() => setOpen(true)} aria-expanded={open}>
        <IconMenu2 {...look} />
        <span>{t('shell.more')}</span>
      </UnstyledButton>
      <Drawer
        opened={open}
        onClose={close}
        position="bottom"
        size="auto"
        title={t('shell.more')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <div className={classes.sheet}>
          {objects.slice(2).map((object) => {
            const Icon = iconOf(object.icon);
            return (
              <Link key={object.key} className={classes.entry} to="/o/$plural" params={{ plural: object.plural }} onClick={close}>
                <Icon {...iconLook} />
                <span>{plural(object.key)}</span>
              </Link>
            );
          })}
          <hr className={classes.rule} />
          {objects.some((object) => object.key === 'opportunity') && (
            <>
              <Link className={classes.entry} to="/forecast" search={{}} onClick={close}>
                <IconChartLine {...iconLook} />
                <span>{t('forecast.open')}</span>
              </Link>
              <Link className={classes.entry} to="/since" search={{}} onClick={close}>
                <IconArrowsDiff {...iconLook} />
                <span>{t('since.open')}</span>
              </Link>
            </>
          )}
          {meta.object('meeting') && (
            <Link className={classes.entry} to="/calendar" search={{}} onClick={close}>
              <IconCalendarUser {...iconLook} />
              <span>{t('team.title')}</span>
            </Link>
          )}
          {meta.object('callList') && (
            <Link className={classes.entry} to="/calls" onClick={close}>
              <IconPhoneCall {...iconLook} />
              <span>{t('calls.title')}</span>
            </Link>
          )}
          {deciding && (
            <Link className={classes.entry} to="/duplicates" onClick={close}>
              <IconArrowMerge {...iconLook} />
              <span>{t('duplicate.all')}</span>
            </Link>
          )}
          <Link className={classes.entry} to="/imports" onClick={close}>
            <IconFileImport {...iconLook} />
            <span>{t('import.title')}</span>
          </Link>
          <Link className={classes.entry} to="/settings" onClick={close}>
            <IconSettings {...iconLook} />
            <span>{t('settings.title')}</span>
          </Link>
          <JobTray folded={false} />
          <NoticeBell folded={false} />
          <AccountMenu folded={false} />
        </div>
      </Drawer>
    </nav>
  );
}
