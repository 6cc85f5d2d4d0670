import type { Module } from '#engine/record/module.ts';
import { namesIn, type SetUpNames } from '#engine/record/set-up-names.ts';
import { write, writeOne } from '#engine/record/write.ts';
import { closeOpportunity, runCloseOpportunity } from './close-opportunity.action.ts';
import { closeReason } from './close-reason.object.ts';
import { CLOSE_REASONS, REASON_NAMES } from './close-reasons.ts';
import { copyPipeline, runCopyPipeline } from './copy-pipeline.action.ts';
import { salesDashboards, salesReports } from './dashboards.ts';
import { dealLine } from './deal-line.object.ts';
import { dealLineRules } from './deal-line.rules.ts';
import { dealMeasures } from './deal-measures.ts';
import { competitor, dealCompetitor, dealContact, dealCredit } from './deal-parts.object.ts';
import { dealCompetitorRules, dealContactRules, dealCreditRules, playbookCheckRules } from './deal-parts.rules.ts';
import { installDealDemands } from './demands.ts';
import { salesFills } from './fills.ts';
import { invoice, payment } from './invoice.object.ts';
import { invoiceRules, paymentRules } from './invoice.rules.ts';
import { salesMeasures } from './measures.ts';
import { opportunity, stageChange } from './opportunity.object.ts';
import { opportunityRules } from './opportunity.rules.ts';
import { order } from './order.object.ts';
import { pipeline, stage } from './pipeline.object.ts';
import { pipelineRules, stageRules } from './pipeline.rules.ts';
import { playbookCheck, playbookStep } from './playbook.object.ts';
import { playbookStepRules } from './playbook.rules.ts';
import { mavenSalesPipeline } from './presets/maven-sales-pipeline.ts';
import { retailInvoices } from './presets/retail-invoices.ts';
import { subscription } from './subscription.object.ts';

/** The stages a new company starts with; theirs to change. */
const STAGES = [
  { key: 'prospecting', category: 'open', probability: 0.1, maxAgeDays: 45 },
  { key: 'engaging', category: 'open', probability: 0.4, maxAgeDays: 45 },
  { key: 'proposal', category: 'open', probability: 0.6, maxAgeDays: 30 },
  { key: 'won', category: 'won', probability: 1 },
  { key: 'lost', category: 'lost', probability: 0 },
] as const;

const NAMES: SetUpNames<'pipeline' | (typeof STAGES)[number]['key']> = {
  en: { pipeline: 'Sales', prospecting: 'Prospecting', engaging: 'Engaging', proposal: 'Proposal', won: 'Won', lost: 'Lost' },
  de: { pipeline: 'Vertrieb', prospecting: 'Erstkontakt', engaging: 'Im Gespräch', proposal: 'Angebot', won: 'Gewonnen', lost: 'Verloren' },
  ar: { pipeline: 'المبيعات', prospecting: 'استكشاف', engaging: 'تواصل', proposal: 'عرض', won: 'مكسوبة', lost: 'مفقودة' },
};

/** From the first interest to the money on the account. */
export const sales: Module = {
  key: 'sales',
  objects: [
    pipeline,
    stage,
    playbookStep,
    closeReason,
    competitor,
    opportunity,
    stageChange,
    dealContact,
    dealCompetitor,
    dealCredit,
    dealLine,
    playbookCheck,
    order,
    invoice,
    payment,
    subscription,
  ],
  actions: [closeOpportunity, copyPipeline],
  reports: salesReports,
  dashboards: salesDashboards,
  measures: [...salesMeasures, ...dealMeasures],
  presets: [mavenSalesPipeline, retailInvoices],
  rules: [
    pipelineRules,
    stageRules,
    playbookStepRules,
    opportunityRules,
    dealContactRules,
    dealCompetitorRules,
    dealCreditRules,
    dealLineRules,
    playbookCheckRules,
    invoiceRules,
    paymentRules,
  ],
  runs: [runCloseOpportunity, runCopyPipeline],
  fills: salesFills,
  async install(ctx, language) {
    const names = namesIn(NAMES, language);
    const made = await writeOne(ctx, ctx.model.object('pipeline'), { op: 'create', values: { name: names.pipeline, isDefault: true } });
    await write(
      ctx,
      ctx.model.object('stage'),
      STAGES.map((values, i) => ({ op: 'create', values: { ...values, name: names[values.key], pipeline: made.id, position: i + 1 } })),
    );
    const reasons = namesIn(REASON_NAMES, language);
    await write(
      ctx,
      ctx.model.object('closeReason'),
      CLOSE_REASONS.map(({ key, outcome }, i) => ({ op: 'create', values: { name: reasons[key], outcome, position: i + 1 } })),
    );
    await installDealDemands(ctx, language);
  },
};
