import type { ComponentType } from 'react';

/** What a module adds to the dialog of one of its actions. */
export interface ActionPart {
  /** Stands above what the action asks for. An action that asks for nothing is shown with it before it is done. */
  Above?: ComponentType<{ ids: readonly string[] }>;
  /** A hook: by field, the condition that records offered for it meet. */
  useAmong: (ids: readonly string[]) => Readonly<Record<string, unknown>>;
}

const NONE: Readonly<Record<string, unknown>> = {};
const plain: ActionPart = { useAmong: () => NONE };

/** Modules hand them in through the app, which alone knows them all. */
const parts = new Map<string, ActionPart>();

export function setActionPart(action: string, part: Partial<ActionPart>): void {
  parts.set(action, { ...plain, ...part });
}

export const actionPart = (action: string): ActionPart => parts.get(action) ?? plain;
