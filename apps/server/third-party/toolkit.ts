import { defineAction } from '#engine/declare/action.ts';
import * as fields from '#engine/declare/fields/index.ts';
import { defineObject } from '#engine/declare/object.ts';
import { runAction } from '#engine/record/action.ts';
import type { Rules } from '#engine/record/context.ts';
import type { Module } from '#engine/record/module.ts';
import { readList, readOne } from '#engine/record/read.ts';
import { write, writeIn, writeOne } from '#engine/record/write.ts';
import { conflict, denied, invalid, limited, notFound, upstream } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';

/**
 * What a module in a folder of `PERIGON_MODULES` builds with. It is handed to the module's default export, so that a module needs
 * neither the sources of Perigon nor a copy of its own: it shares the running one. This is a stable door: what stands here goes on
 * standing within a major version, what does not stand here is not promised.
 */
export const toolkit = {
  /** A module with all it brings; gives it back as it is, checked by the compiler. */
  defineModule: (module: Module): Module => module,
  defineObject,
  defineAction,
  /** Binds an action to what it does. */
  runAction,
  /** Rules of an object; gives them back as they are, checked by the compiler. */
  defineRules: (rules: Rules): Rules => rules,
  /** The constructors of all field types. */
  fields,
  /** Reading and writing through the one door, under the rights of the context. */
  records: { readOne, readList, write, writeOne, writeIn },
  /** The ways in which anything may fail. */
  errors: { invalid, denied, notFound, conflict, limited, upstream },
  newId,
} as const;

export type Perigon = typeof toolkit;
/** The default export of a `module.ts` or `module.js`. */
export type ModuleFactory = (perigon: Perigon) => Module | Promise<Module>;
export type { Context, RuleBatch, RuleItem, Rules } from '#engine/record/context.ts';
export type { Module } from '#engine/record/module.ts';
