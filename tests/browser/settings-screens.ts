import type { Page, Route } from 'playwright-core';
import type { Company } from './company.ts';
import { button, item, lead, type Screen } from './screen.ts';

const proofNeeded = {
  code: 'denied',
  detail: 'Confirm that it is you, then do it again.',
  errors: [{ path: '', code: 'proofNeeded', detail: 'The last time you proved who you are is too long ago.' }],
};

/** Answers one question as it would be answered later or elsewhere, while something is done. */
async function answering(page: Page, question: RegExp, answer: (route: Route) => Promise<void>, act: () => Promise<void>): Promise<void> {
  await page.route(question, answer);
  await act();
  await page.unroute(question);
}

/** The true answer with something changed in it. */
const changed =
  (change: (body: Record<string, unknown>) => object) =>
  async (route: Route): Promise<void> => {
    const response = await route.fetch();
    await route.fulfill({ response, json: change((await response.json()) as Record<string, unknown>) });
  };

/** A provider, as it is listed: one to be reached is nowhere near a test. */
const provider = {
  id: '01980000-0000-7000-8000-000000000001',
  name: 'Windmill ID',
  issuer: 'https://login.windmill.example',
  clientId: 'perigon',
  admits: 'domains',
  domains: ['windmill.example', 'windmill.test'],
  role: null,
  asksFactor: true,
  active: true,
  hasSecret: true,
};

/** The browser has a device that makes passkeys, without anybody's finger. */
async function withDevice(page: Page): Promise<void> {
  const wire = await page.context().newCDPSession(page);
  await wire.send('WebAuthn.enable');
  await wire.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** How one comes in, what may leave, how long what stays: the screens of the settings with something in them. */
export function settingsScreens(
  company: Company,
  customer: string,
  full: (name: string, path: Screen['path'], act?: Screen['act'], more?: Partial<Screen>) => Screen,
): Screen[] {
  const writes = { writes: true } as const;
  const ready = (prepare: () => Promise<unknown>, path: string) => async (): Promise<string> => {
    await prepare();
    return path;
  };
  const webhooks = ready(() => company.webhook(), '/settings/webhooks');
  const applications = ready(() => company.application(), '/settings/applications');
  const rules = ready(() => company.retention(), '/settings/retention');
  const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });
  /** Presses a button of the part of a page that has this heading, which opens a dialog. */
  const of =
    (name: string, word: string) =>
    async (page: Page): Promise<void> => {
      const part = page.locator('section').filter({ has: page.getByRole('heading', { name, level: 2 }) });
      await part.getByRole('button', { name: word, exact: true }).click();
      await page.getByRole('dialog').waitFor();
    };
  const passkey =
    (act: (page: Page) => Promise<void>) =>
    async (page: Page): Promise<void> => {
      if (!(await row(page, 'Laptop of Ada').count())) {
        await withDevice(page);
        await button('Add passkey')(page);
        const form = page.getByRole('dialog', { name: 'Add a passkey' });
        await form.getByLabel('Name').fill('Laptop of Ada');
        await form.getByRole('button', { name: 'Continue' }).click();
        const codes = form.getByRole('button', { name: 'I have kept them' });
        await codes.or(row(page, 'Laptop of Ada')).first().waitFor();
        if (await codes.count()) await codes.click();
        await row(page, 'Laptop of Ada').first().waitFor();
      }
      await act(page);
    };
  const provided = (act: (page: Page) => Promise<void>) => (page: Page) =>
    answering(
      page,
      /\/sign-in\/providers$/,
      changed((body) => ({ ...body, items: [provider] })),
      async () => {
        await lead(page, '/settings/sign-in-providers');
        await page.getByRole('heading', { name: provider.name }).waitFor();
        await act(page);
      },
    );
  /** A backup is asked for, and who sits there to prove that it is them: by these ways, for the other form may have added one. */
  const unproved = (said: string, ways: object) => (page: Page) =>
    answering(
      page,
      /\/api\/v1\/(backups|sign-in\/proof)$/,
      (route) => {
        if (route.request().method() === 'POST')
          return route.fulfill({ status: 403, contentType: 'application/problem+json', json: proofNeeded });
        return route.request().url().endsWith('/proof') ? route.fulfill({ json: ways }) : route.continue();
      },
      async () => {
        await button('Back up now')(page);
        await page.getByRole('dialog', { name: 'Confirm that it is you' }).getByText(said).waitFor();
      },
    );
  return [
    // A lead with its reasons, and what they are made of.
    full('lead-score', () => company.leads()),
    full(
      'lead-scores',
      ready(() => company.leads(), '/settings/lead-scores'),
    ),
    full(
      'score-reason',
      ready(() => company.leads(), '/settings/lead-scores'),
      async (page) => {
        await page.getByRole('button', { name: 'Wrote or called' }).click();
        await page.getByRole('dialog').getByLabel('Points', { exact: true }).fill('60');
        await page.getByRole('dialog').getByRole('button', { name: 'Preview' }).click();
        await page.getByRole('dialog').getByRole('table').waitFor();
      },
    ),
    full(
      'lead-assignment',
      ready(() => company.leads(), '/settings/lead-assignment'),
    ),
    full(
      'assignment-rule',
      ready(() => company.leads(), '/settings/lead-assignment'),
      async (page) => {
        await page.getByRole('button', { name: 'Web and events', exact: true }).click();
        await page.getByRole('dialog').waitFor();
      },
    ),
    full('backups', '/settings/backups'),
    full('webhooks', '/settings/webhooks'),
    full('new-webhook', '/settings/webhooks', button('New webhook')),
    full('own-sign-in', '/settings/sign-in'),
    full('calendars', '/settings/calendars'),
    full('booking-pages', '/settings/booking', button('New booking page')),
    full('sign-ins', '/settings/sign-ins'),
    full('sign-in-providers', '/settings/sign-in-providers'),
    // The lines of a form beside how it will look.
    full('web-form', '/settings/web-forms', button(/^(Edit|Bearbeiten): /)),
    full('retention', '/settings/retention'),
    full('new-retention-rule', '/settings/retention', button('New rule')),
    full('applications', '/settings/applications'),
    full('new-application', '/settings/applications', button('New application')),
    full('new-sign-in-provider', '/settings/sign-in-providers', button('New provider')),

    full('factor-setup', '/settings/sign-in', button('Set up')),
    full(
      'factor-picture',
      '/settings/sign-in',
      async (page) => {
        await button('Set up')(page);
        await page.getByRole('dialog').getByRole('button', { name: 'Next' }).click();
        await page.getByRole('img', { name: /^Picture/ }).waitFor();
      },
      writes,
    ),
    full(
      'own-sign-in-granted',
      ready(() => company.application(), '/settings/sign-in'),
      undefined,
      writes,
    ),
    full(
      'sign-ins-of',
      ready(() => company.member(), '/settings/sign-ins'),
      async (page) => {
        const field = page
          .getByRole('combobox', { name: 'Whose' })
          .or(page.getByRole('textbox', { name: 'Whose' }))
          .first();
        await field.click();
        await field.pressSequentially('Rita');
        await page.getByRole('option', { name: 'Rita Rep' }).click();
        await button('Make a link')(page);
        await page.getByText('/enter#').waitFor();
      },
      writes,
    ),
    full('backups-proof', '/settings/backups', unproved('Your password', { password: true, code: true, passkey: false })),
    full(
      'backups-proof-provider',
      '/settings/backups',
      unproved('by the account of your organisation', { password: false, code: false, passkey: false }),
    ),
    full(
      'backups-made',
      ready(() => company.backup(), '/settings/backups'),
      undefined,
      writes,
    ),
    full('webhook', webhooks, undefined, writes),
    full('webhook-edit', webhooks, of('Warehouse', 'Edit'), writes),
    full(
      'webhook-condition',
      webhooks,
      async (page) => {
        await of('Warehouse', 'Edit')(page);
        await page.getByRole('button', { name: /^Condition/ }).click();
        await page.getByRole('button', { name: 'Remove filter' }).waitFor();
      },
      writes,
    ),
    full('webhook-refused', '/settings/webhooks', async (page) => {
      await button('New webhook')(page);
      await page.getByRole('dialog').getByLabel('Address').fill('warehouse');
      await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
      await page.getByRole('dialog').locator('[aria-invalid="true"]').first().waitFor();
    }),
    full('webhook-delete', webhooks, of('Warehouse', 'Delete'), writes),
    full('webhook-replay', webhooks, of('Warehouse', 'Replay'), writes),
    full('webhook-secret', webhooks, of('Warehouse', 'New secret'), writes),
    full('retention-rule', rules, undefined, writes),
    full(
      'retention-switch-on',
      rules,
      async (page) => {
        // The switch itself lies hidden behind its drawing.
        await page.getByRole('switch', { name: /runs every night$/ }).press('Space');
        await page.getByRole('dialog').getByRole('status').waitFor();
      },
      writes,
    ),
    full('application', applications, undefined, writes),
    full('application-remove', applications, of('Phone book', 'Remove'), writes),
    full(
      'sign-in-provider',
      '/imports',
      provided(async () => undefined),
    ),
    full('sign-in-provider-edit', '/imports', provided(of(provider.name, 'Edit'))),
    full('sign-in-provider-remove', '/imports', provided(of(provider.name, 'Remove'))),
    full('sign-in-provider-refused', '/settings/sign-in-providers', async (page) => {
      await button('New provider')(page);
      const form = page.getByRole('dialog');
      await form.getByLabel('Name on the button').fill(provider.name);
      await form.getByLabel('Address of the provider').fill('https://127.0.0.1');
      await form.getByLabel('Client ID').fill(provider.clientId);
      await form.getByRole('button', { name: 'Add provider' }).click();
      await form.locator('[aria-invalid="true"]').first().waitFor();
    }),
    full('history', '/history'),
    full('trash', '/trash'),
    full('customer-consent', customer, async (page) => {
      if (await page.getByRole('tab', { name: 'Related' }).count()) await page.getByRole('tab', { name: 'Related' }).click();
      await button('Write down')(page);
      await page.getByRole('dialog').waitFor();
    }),
    full('customer-share', customer, item('More', 'Share')),
    full('customer-access', customer, item('More', 'Who can see this')),
    // From here on whoever comes in has a second factor.
    full('new-passkey', '/settings/sign-in', button('Add passkey')),
    full(
      'own-sign-in-passkey',
      '/settings/sign-in',
      passkey(async () => undefined),
      writes,
    ),
    full('passkey-remove', '/settings/sign-in', passkey(button('Remove Laptop of Ada')), writes),
    // The last ones lie outside of the app, which is loaded anew after each.
    full('consent-unknown', '/oauth/authorize?client_id=none&redirect_uri=https://app.example/'),
    full('consent', () => company.application(), undefined, writes),
    full('second-factor', '/imports', (page) =>
      answering(
        page,
        /\/api\/v1\/session$/,
        changed((body) => ({ ...body, needsFactor: true })),
        async () => {
          await page.goto('/second-factor');
          await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
        },
      ),
    ),
  ];
}
