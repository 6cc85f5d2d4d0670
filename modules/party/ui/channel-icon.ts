import {
  IconBuildingStore,
  IconDeviceMobile,
  IconDeviceTv,
  IconHeartHandshake,
  IconMail,
  IconMailbox,
  IconMapPin,
  IconMessage,
  IconMessageCircle,
  IconMessages,
  IconPhone,
  IconPrinter,
  IconWorld,
  type TablerIcon,
} from '@tabler/icons-react';

const icons: Record<string, TablerIcon> = {
  web: IconWorld,
  chat: IconMessageCircle,
  email: IconMail,
  phone: IconPhone,
  sms: IconMessage,
  messaging: IconMessages,
  fax: IconPrinter,
  mobile: IconDeviceMobile,
  pos: IconBuildingStore,
  post: IconMailbox,
  portal: IconWorld,
  visit: IconMapPin,
  partner: IconHeartHandshake,
  television: IconDeviceTv,
};

/** The icon of the channel a touch came over. */
export function channelIcon(channel: string | null): TablerIcon | undefined {
  return channel === null ? undefined : icons[channel];
}
