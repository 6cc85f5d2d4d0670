import type { Preset } from '#engine/declare/import-mapping.ts';

/** Sales teams of Maven Analytics' "CRM Sales Opportunities": a region, in it a manager's team, in it agents, who cannot sign in until they have an e-mail address. */
export const mavenSalesTeams: Preset = {
  key: 'maven-sales-teams',
  mapping: {
    object: 'user',
    match: ['name'],
    columns: {
      sales_agent: { field: 'name' },
      manager: { field: 'team', by: 'name', create: true },
      regional_office: [{ field: 'team.region' }, { field: 'team.parent', by: 'name', create: true }, { field: 'team.parent.region' }],
    },
  },
};
