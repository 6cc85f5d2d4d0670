import { Button, Menu } from '@mantine/core';
import { IconRoute } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { iconLook } from '../icons.ts';
import { MenuButton } from '../menu-button.tsx';
import type { Named } from '../wire.ts';
import { useWords } from '../words.ts';

/** Starts an automation for what is selected: a button for one, a menu of several; nothing where there is none. */
export function StartFlowButton({ flows, onStart }: { flows: readonly Named[]; onStart: (flow: Named) => void }): ReactNode {
  const { t } = useWords();
  const look = { size: 'compact', variant: 'subtle', color: 'gray', leftSection: <IconRoute {...iconLook} /> } as const;
  const [only] = flows;
  if (!only) return null;
  if (flows.length === 1)
    return (
      <Button {...look} onClick={() => onStart(only)}>
        {t('automation.start', { name: only.name })}
      </Button>
    );
  return (
    <MenuButton
      position="bottom-start"
      button={(props) => (
        <Button {...look} {...props}>
          {t('automation.startOne')}
        </Button>
      )}
    >
      {() =>
        flows.map((flow) => (
          <Menu.Item key={flow.id} onClick={() => onStart(flow)}>
            {flow.name}
          </Menu.Item>
        ))
      }
    </MenuButton>
  );
}
