import { Menu, useMantineColorScheme } from '@mantine/core';
import { IconCheck, IconDeviceDesktop, IconLanguage, IconLogout, IconMoon, IconSun } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { iconLook } from '#ui/icons.ts';
import { MenuButton } from '#ui/menu-button.tsx';
import { showFailure } from '#ui/notify.tsx';
import { Picture } from '#ui/person.tsx';
import { leave, savePreferences, useSession } from '#ui/session.ts';
import { useWords } from '#ui/words.ts';
import { languages, speak } from '../words.ts';
import classes from './shell.module.css';

const schemes = [
  { key: 'light', icon: IconSun },
  { key: 'dark', icon: IconMoon },
  { key: 'auto', icon: IconDeviceDesktop },
] as const;

/** A language in its own words: whoever looks for it may read no other. */
function ownName(language: string): string {
  const name = new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

/** Light, dark or as the system says; the language; and the way out. */
export function AccountItems(): ReactNode {
  const { t, language: spokenNow } = useWords();
  const router = useRouter();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = async (): Promise<void> => {
    try {
      await leave();
      await router.navigate({ to: '/sign-in', search: {} });
    } catch (failure) {
      showFailure(failure, () => void signOut());
    }
  };
  const choose = async (language: string): Promise<void> => {
    try {
      await speak(language);
      await savePreferences({ language });
    } catch (failure) {
      await speak(spokenNow);
      showFailure(failure, () => void choose(language));
    }
  };
  return (
    <>
      {schemes.map(({ key, icon: Icon }) => (
        <Menu.Item
          key={key}
          leftSection={<Icon {...iconLook} />}
          rightSection={colorScheme === key ? <IconCheck {...iconLook} /> : undefined}
          onClick={() => setColorScheme(key)}
          closeMenuOnClick={false}
        >
          {t(`account.${key}`)}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Label>{t('account.language')}</Menu.Label>
      {languages.map((language) => (
        <Menu.Item
          key={language}
          lang={language}
          leftSection={<IconLanguage {...iconLook} />}
          rightSection={spokenNow === language ? <IconCheck {...iconLook} /> : undefined}
          onClick={() => void choose(language)}
        >
          {ownName(language)}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item leftSection={<IconLogout {...iconLook} />} onClick={() => void signOut()}>
        {t('account.signOut')}
      </Menu.Item>
    </>
  );
}

/** Who is signed in, at the foot of the sidebar. */
export function AccountMenu({ folded }: { folded: boolean }): ReactNode {
  const { t } = useWords();
  const session = useSession();
  if (!session) return null;
  return (
    <MenuButton
      position="right-end"
      width={224}
      button={(props) => (
        <button {...props} type="button" className={classes.entry} aria-label={folded ? t('account.menu') : undefined}>
          <Picture name={session.user.name} />
          {!folded && <span className="pg-ellipsis">{session.user.name}</span>}
        </button>
      )}
    >
      {() => (
        <>
          <Menu.Label>
            {session.user.email}
            <br />
            {session.roles.map((role) => t(`role.${role}`)).join(', ')}
          </Menu.Label>
          <AccountItems />
        </>
      )}
    </MenuButton>
  );
}
