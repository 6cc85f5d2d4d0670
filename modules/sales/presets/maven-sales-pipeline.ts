import type { Preset } from '#engine/declare/import-mapping.ts';

/** Opportunities of Maven Analytics' "CRM Sales Opportunities". Rows without an account stay without a customer; the dates tell the stage history. */
export const mavenSalesPipeline: Preset = {
  key: 'maven-sales-pipeline',
  mapping: {
    object: 'opportunity',
    match: ['externalId'],
    columns: {
      opportunity_id: { field: 'externalId', system: 'maven' },
      sales_agent: { field: 'owner', by: 'name' },
      product: { field: 'product', by: 'name', values: { GTXPro: 'GTX Pro' } },
      account: { field: 'customer', by: 'name' },
      deal_stage: { field: 'stage', by: 'name' },
      engage_date: { field: 'openedOn', date: 'ymd' },
      close_date: [
        { field: 'closedOn', date: 'ymd' },
        { field: 'closeDate', date: 'ymd' },
      ],
      close_value: { field: 'amount', currency: 'USD' },
    },
    templates: { name: '{account} {product}' },
  },
};
