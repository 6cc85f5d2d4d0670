import { ActionIcon, type ActionIconProps, Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode, Ref } from 'react';

type Native = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps> & { ref?: Ref<HTMLAnchorElement> };

function ButtonAnchor(props: ButtonProps & Native): ReactNode {
  return <Button component="a" {...props} />;
}

function IconAnchor(
  props: ActionIconProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ActionIconProps> & { ref?: Ref<HTMLAnchorElement> },
): ReactNode {
  return <ActionIcon component="a" {...props} />;
}

function PlainAnchor(
  props: AnchorProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps> & { ref?: Ref<HTMLAnchorElement> },
): ReactNode {
  return <Anchor {...props} />;
}

/** A button that leads to a page: a link to the browser, typed by the router. */
export const ButtonLink = createLink(ButtonAnchor);

/** An icon that leads to a page. */
export const IconLink = createLink(IconAnchor);

/** Words that lead to a page. */
export const TextLink = createLink(PlainAnchor);
