import type { Module } from '#engine/record/module.ts';
import { activities } from './activities/index.ts';
import { catalog } from './catalog/index.ts';
import { conversations } from './conversations/index.ts';
import { forecast } from './forecast/index.ts';
import { insight } from './insight/index.ts';
import { leads } from './leads/index.ts';
import { party } from './party/index.ts';
import { sales } from './sales/index.ts';
import { service } from './service/index.ts';
import { workspace } from './workspace/index.ts';

/** The built-in modules, lowest rank first. */
export const modules: readonly Module[] = [workspace, party, catalog, conversations, sales, leads, forecast, service, activities, insight];
