import {
  IconBell,
  IconClock,
  IconGavel,
  IconGitBranch,
  IconPencil,
  IconPlayerPlay,
  IconRepeat,
  IconSquarePlus,
  IconUserShare,
  IconWebhook,
  type TablerIcon,
} from '@tabler/icons-react';
import type { Kind } from './drawing.ts';

/** The icon of each kind of step. */
export const kindIcon: Record<Kind, TablerIcon> = {
  set: IconPencil,
  create: IconSquarePlus,
  assign: IconUserShare,
  notify: IconBell,
  wait: IconClock,
  branch: IconGitBranch,
  approve: IconGavel,
  loop: IconRepeat,
  act: IconPlayerPlay,
  webhook: IconWebhook,
};
