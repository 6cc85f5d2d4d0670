import {
  IconArrowsExchange,
  IconBox,
  IconBuilding,
  IconBulb,
  IconChartBar,
  IconCheckbox,
  IconCoin,
  IconCreditCard,
  IconDevices,
  IconFileInvoice,
  IconGitBranch,
  IconKey,
  IconLifebuoy,
  IconLink,
  IconMap2,
  IconMessages,
  IconNote,
  IconPoint,
  IconReceipt,
  IconRefresh,
  IconRoute,
  IconShield,
  IconTag,
  IconUser,
  IconUserShare,
  IconUsers,
  IconUsersGroup,
  IconWebhook,
  type TablerIcon,
} from '@tabler/icons-react';

const icons: Record<string, TablerIcon> = {
  users: IconUsers,
  building: IconBuilding,
  bulb: IconBulb,
  box: IconBox,
  'chart-bar': IconChartBar,
  receipt: IconReceipt,
  'file-invoice': IconFileInvoice,
  'credit-card': IconCreditCard,
  devices: IconDevices,
  refresh: IconRefresh,
  lifebuoy: IconLifebuoy,
  messages: IconMessages,
  note: IconNote,
  checkbox: IconCheckbox,
  user: IconUser,
  'user-share': IconUserShare,
  'users-group': IconUsersGroup,
  shield: IconShield,
  coin: IconCoin,
  tag: IconTag,
  'arrows-exchange': IconArrowsExchange,
  'git-branch': IconGitBranch,
  link: IconLink,
  route: IconRoute,
  webhook: IconWebhook,
  map: IconMap2,
  key: IconKey,
};

/** The icon an object declares by name. */
export function iconOf(name: string | undefined): TablerIcon {
  return (name === undefined ? undefined : icons[name]) ?? IconPoint;
}

/** How icons look everywhere (look.md): 16 px, thin. */
export const iconLook = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;
