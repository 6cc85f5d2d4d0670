import {
  IconBrandWhatsapp,
  IconBuildingStore,
  IconDeviceTv,
  IconMail,
  IconMessage,
  IconMessageCircle,
  IconPhone,
  IconPrinter,
  IconUsers,
  IconWorld,
  type TablerIcon,
} from '@tabler/icons-react';

const icons: Record<string, TablerIcon> = {
  phone: IconPhone,
  telephone: IconPhone,
  call: IconPhone,
  email: IconMail,
  post: IconMail,
  sms: IconMessage,
  chat: IconMessageCircle,
  messaging: IconBrandWhatsapp,
  whatsapp: IconBrandWhatsapp,
  web: IconWorld,
  portal: IconWorld,
  fax: IconPrinter,
  pos: IconBuildingStore,
  visit: IconUsers,
  meeting: IconUsers,
  fieldVisit: IconUsers,
  television: IconDeviceTv,
};

/** The icon of the channel a touch came over. */
export function channelIcon(channel: string | null): TablerIcon | undefined {
  return channel === null ? undefined : icons[channel];
}
