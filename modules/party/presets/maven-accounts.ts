import type { Preset } from '#engine/declare/import-mapping.ts';

/** Accounts of Maven Analytics' "CRM Sales Opportunities": organisations, some of them part of another in the same file. Revenue is in millions. */
export const mavenAccounts: Preset = {
  key: 'maven-accounts',
  mapping: {
    object: 'party',
    match: ['name'],
    columns: {
      account: { field: 'name' },
      sector: { field: 'industry', values: { technolgy: 'technology' } },
      year_established: { field: 'foundedYear' },
      revenue: { field: 'annualRevenue', currency: 'USD', times: 1_000_000 },
      employees: { field: 'employees' },
      office_location: { field: 'country', values: { Philipines: 'PH' } },
      subsidiary_of: { field: 'parent', by: 'name' },
    },
    defaults: { kind: 'organisation', roles: ['customer'], currency: 'USD' },
  },
};
