import type { Module } from '#engine/record/module.ts';
import { write, writeOne } from '#engine/record/write.ts';
import { closeOpportunity, runCloseOpportunity } from './close-opportunity.action.ts';
import { invoice, payment } from './invoice.object.ts';
import { invoiceRules, paymentRules } from './invoice.rules.ts';
import { opportunity, stageChange } from './opportunity.object.ts';
import { opportunityRules } from './opportunity.rules.ts';
import { order } from './order.object.ts';
import { pipeline, stage } from './pipeline.object.ts';
import { mavenSalesPipeline } from './presets/maven-sales-pipeline.ts';
import { retailInvoices } from './presets/retail-invoices.ts';
import { subscription } from './subscription.object.ts';

/** The stages a new company starts with; theirs to change. */
const STAGES = [
  { key: 'prospecting', name: 'Prospecting', category: 'open', probability: 0.1 },
  { key: 'engaging', name: 'Engaging', category: 'open', probability: 0.4 },
  { key: 'proposal', name: 'Proposal', category: 'open', probability: 0.6 },
  { key: 'won', name: 'Won', category: 'won', probability: 1 },
  { key: 'lost', name: 'Lost', category: 'lost', probability: 0 },
] as const;

/** From the first interest to the money on the account. */
export const sales: Module = {
  key: 'sales',
  objects: [pipeline, stage, opportunity, stageChange, order, invoice, payment, subscription],
  actions: [closeOpportunity],
  presets: [mavenSalesPipeline, retailInvoices],
  rules: [opportunityRules, invoiceRules, paymentRules],
  runs: [runCloseOpportunity],
  async install(ctx) {
    const made = await writeOne(ctx, ctx.model.object('pipeline'), { op: 'create', values: { name: 'Sales', isDefault: true } });
    await write(
      ctx,
      ctx.model.object('stage'),
      STAGES.map((values, i) => ({ op: 'create', values: { ...values, pipeline: made.id, position: i + 1 } })),
    );
  },
};
