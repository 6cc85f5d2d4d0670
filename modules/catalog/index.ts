import type { Module } from '#engine/record/module.ts';
import { product } from './product.object.ts';

/** What can be sold. */
export const catalog: Module = { key: 'catalog', objects: [product] };
