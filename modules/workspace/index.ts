import type { Module } from '#engine/record/module.ts';
import { namesIn } from '#engine/record/set-up-names.ts';
import { write } from '#engine/record/write.ts';
import { assignOwner, runAssignOwner } from './assign-owner.action.ts';
import { assignmentRule } from './assignment-rule.object.ts';
import { assignmentRuleRules } from './assignment-rule.rules.ts';
import { exchangeRate } from './exchange-rate.object.ts';
import { exchangeRateRules } from './exchange-rate.rules.ts';
import { flow } from './flow.object.ts';
import { flowRules } from './flow.rules.ts';
import { mavenSalesTeams } from './presets/maven-sales-teams.ts';
import { qualityRule } from './quality-rule.object.ts';
import { qualityRuleRules } from './quality-rule.rules.ts';
import { retentionRule } from './retention-rule.object.ts';
import { retentionRuleRules } from './retention-rule.rules.ts';
import { role } from './role.object.ts';
import { roleRules } from './role.rules.ts';
import { LATER, ROLE_NAMES, ROLES } from './roles.ts';
import { share } from './share.object.ts';
import { shareRules } from './share.rules.ts';
import { team } from './team.object.ts';
import { teamRules } from './team.rules.ts';
import { user } from './user.object.ts';
import { userRules } from './user.rules.ts';
import { webhook } from './webhook.object.ts';
import { webhookRules } from './webhook.rules.ts';

export { chooseOwners, type Given, type Why } from './assignment/assign.ts';
export { type Demand, installDemands } from './install-demands.ts';
export { companyHours, keepCompanyHours, workingHoursOf } from './working-hours.ts';

/** Who works here, in which teams, with which rights, and what money is worth. */
export const workspace: Module = {
  key: 'workspace',
  objects: [user, team, role, share, exchangeRate, qualityRule, retentionRule, assignmentRule, flow, webhook],
  actions: [assignOwner],
  presets: [mavenSalesTeams],
  rules: [
    userRules,
    teamRules,
    roleRules,
    shareRules,
    exchangeRateRules,
    qualityRuleRules,
    retentionRuleRules,
    assignmentRuleRules,
    flowRules,
    webhookRules,
  ],
  runs: [runAssignOwner],
  startRoles: ROLES,
  grants: LATER,
  async install(ctx, language) {
    const names = namesIn(ROLE_NAMES, language);
    await write(
      ctx,
      ctx.model.object('role'),
      ROLES.map(({ key, rights }) => ({
        op: 'create',
        values: { key, rights, name: names[key], description: names[`${key}.is`] },
      })),
      { trusted: true },
    );
  },
};
