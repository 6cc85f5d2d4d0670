import type { Preset } from '#engine/declare/import-mapping.ts';

/**
 * Invoices of UCI's "Online Retail", in pounds: numbers that begin with C take an invoice back. Customers are made by their
 * number; where one has several countries, the last invoice's counts. Places that are no country stay empty.
 */
export const retailInvoices: Preset = {
  key: 'retail-invoices',
  mapping: {
    object: 'invoice',
    match: ['number'],
    columns: {
      InvoiceNo: [{ field: 'number' }, { field: 'kind', values: { 'C*': 'creditNote', '*': 'invoice' } }],
      InvoiceDate: [
        { field: 'date', date: 'ymd' },
        { field: 'issuedAt', date: 'ymd' },
      ],
      CustomerID: { field: 'customer', by: 'externalId', system: 'retail', create: true },
      Country: {
        field: 'customer.country',
        update: true,
        values: { EIRE: 'IE', RSA: 'ZA', 'Channel Islands': null, 'European Community': null, Unspecified: null },
      },
      Amount: { field: 'total', currency: 'GBP' },
      Lines: { field: 'lines' },
      Units: { field: 'units' },
    },
    templates: { 'customer.name': 'Customer {CustomerID}' },
    defaults: { status: 'paid', 'customer.kind': 'organisation', 'customer.roles': ['customer'], 'customer.currency': 'GBP' },
  },
};
