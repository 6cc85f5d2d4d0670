import type { Module } from '#engine/record/module.ts';
import { mavenProducts } from './presets/maven-products.ts';
import { product } from './product.object.ts';

/** What can be sold. */
export const catalog: Module = { key: 'catalog', objects: [product], presets: [mavenProducts] };
