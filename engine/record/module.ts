import type { ModuleDeclaration } from '#engine/declare/module.ts';
import type { Action } from './action.ts';
import type { Context, Rules } from './context.ts';
import type { Fill } from './fills.ts';
import type { SaysOfRoles } from './role-grants.ts';

/** A module with all it brings. Built-in modules and those in folders of `PERIGON_MODULES` have this one shape. */
export interface Module extends ModuleDeclaration, SaysOfRoles {
  rules?: readonly Rules[];
  runs?: readonly Action[];
  /** What fields that came later hold of records that were there before. */
  fills?: readonly Fill[];
  /** Records the product needs to be of use at all (pipelines, roles); made once, at set-up, under one cause, named in the company's language. */
  install?(ctx: Context, language: string): Promise<void>;
}
