import type { Preset } from '#engine/declare/import-mapping.ts';

/** Products of Maven Analytics' "CRM Sales Opportunities"; prices in US dollars. */
export const mavenProducts: Preset = {
  key: 'maven-products',
  mapping: {
    object: 'product',
    match: ['name'],
    columns: { product: { field: 'name' }, series: { field: 'series' }, sales_price: { field: 'price', currency: 'USD' } },
  },
};
