import type { APIRequestContext, Page } from 'playwright-core';
import { Company } from './company.ts';
import { button, dialog, item, key, lead, type Screen, tab } from './screen.ts';
import { settingsScreens } from './settings-screens.ts';

interface ObjectOf {
  key: string;
  plural: string;
  quiet: boolean;
  verbs: { create: boolean };
}

/** The rows of the import among the screens: one cannot be read. */
export const rows = [
  'Company;Sector;Staff',
  'Aldermoor Mills;food;120',
  'Brightwell Optics;technolgy;64',
  'Cinder Lane Press;gadgets;many',
];
const file = { name: 'organisations.csv', mimeType: 'text/csv', buffer: Buffer.from(`${rows.join('\n')}\n`) };

/** Objects that stand for the others where one screen is drawn for all. */
const shown = new Set(['parties', 'opportunities', 'cases', 'interactions', 'users']);

const upload = async (page: Page): Promise<void> => {
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByText('organisations.csv').waitFor();
};
const conditions = (all: object[]): string => encodeURIComponent(JSON.stringify({ all }));

/** Before anybody is in: set-up, the choice of a beginning, sign-in. */
export const entrance: Screen[] = [
  { name: 'set-up', path: '/set-up', time: 'unset' },
  {
    name: 'begin',
    path: '/set-up',
    time: 'unset',
    act: async (page) => {
      if (await page.getByRole('heading', { name: 'How do you want to begin?' }).count()) return;
      await page.getByLabel('Company').fill('Ardea Coffee Machines');
      await page.getByLabel('Name', { exact: true }).fill('Ada Admin');
      await page.getByLabel('E-mail').fill('ada@example.org');
      await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
      await page.getByRole('button', { name: 'Set up' }).click();
      await page.getByRole('heading', { name: 'How do you want to begin?' }).waitFor();
    },
  },
  { name: 'empty', path: '/o/parties', time: 'bare' },
  { name: 'empty-board', path: '/o/opportunities?layout=board', time: 'bare' },
  { name: 'empty-calendar', path: '/o/tasks?layout=calendar', time: 'bare' },
  { name: 'empty-my-day', path: '/my-day', time: 'bare' },
  { name: 'empty-imports', path: '/imports', time: 'bare' },
  { name: 'empty-notices', path: '/settings', time: 'bare', only: 'wide', act: button('Notices') },
  { name: 'sign-in', path: '/sign-in', time: 'out' },
  { name: 'sign-in-code', path: '/sign-in?step=code', time: 'out' },
  { name: 'sign-in-unverified', path: '/sign-in?problem=unverified', time: 'out' },
  { name: 'enter-gone', path: '/enter#no-such-link', time: 'out' },
  {
    name: 'sign-in-refused',
    path: '/sign-in',
    time: 'out',
    act: async (page) => {
      await page.getByLabel('E-mail').fill('ada@example.org');
      await page.getByLabel('Password', { exact: true }).fill('not this one');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
    },
  },
];

/** All screens of a full company. The sample company has something for each. */
export async function everyScreen(request: APIRequestContext, base: string): Promise<Screen[]> {
  const company = new Company(request, base);
  const { objects } = await company.get<{ objects: ObjectOf[] }>('/meta');
  const found = async (plural: string, where?: object): Promise<string> => `/o/${plural}/${await company.first(plural, where)}`;
  const ofKind = (kind: string): object => ({ field: 'kind', op: 'eq', value: kind });
  const hits = await company.get<{ items: { id: string }[] }>('/search?q=nordlicht%20hotels&objects=party');
  const customer = hits.items[0] ? `/o/parties/${hits.items[0].id}` : await found('parties', ofKind('organisation'));
  const records = new Map<string, string>();
  for (const { plural } of objects) {
    const id = await company.first(plural);
    if (id) records.set(plural, plural === 'parties' ? customer : `/o/${plural}/${id}`);
  }
  const owner = await company.first('users', { field: 'name', op: 'ne', value: 'Ada Admin' });
  const open = await found('opportunities', { field: 'stage.category', op: 'eq', value: 'open' });
  const full = (name: string, path: Screen['path'], act?: Screen['act'], more: Partial<Screen> = {}): Screen => ({
    name,
    path,
    time: 'full',
    ...(act ? { act } : {}),
    ...more,
  });
  const alike = (plural: string): { alike?: true } => (shown.has(plural) ? {} : { alike: true });
  const wide = { only: 'wide' } as const;
  const phone = { only: 'phone' } as const;
  const failing =
    (pattern: RegExp, path: string) =>
    async (page: Page): Promise<void> => {
      // The line is cut for this one question, as on a train.
      await page.route(pattern, (route) => route.abort());
      await lead(page, path);
      await page.getByRole('button', { name: 'Retry' }).first().waitFor();
      await page.unroute(pattern);
    };
  const selecting = async (page: Page): Promise<void> => {
    await page.getByRole('grid').getByRole('row').nth(3).waitFor();
    await key('j', 'x', 'Shift+ArrowDown', 'Shift+ArrowDown')(page);
    await page.getByRole('region', { name: 'Selected rows' }).waitFor();
  };
  const peeking = async (page: Page): Promise<void> => {
    await page.getByRole('grid').getByRole('row').nth(3).waitFor();
    await key('j', 'j', 'Space')(page);
    await page.getByRole('complementary').getByRole('heading', { level: 2 }).first().waitFor();
  };
  return [
    // First, while nobody who came in has to prove anew that it is them.
    ...settingsScreens(company, customer, full),

    ...objects.filter((object) => !object.quiet).map(({ plural }) => full(`list-${plural}`, `/o/${plural}`, undefined, alike(plural))),
    ...objects
      .filter((object) => !object.quiet && object.verbs.create)
      .map(({ plural }) => full(`new-${plural}`, `/o/${plural}`, dialog('c'), alike(plural))),
    ...[...records].map(([plural, path]) => full(`record-${plural}`, path, undefined, alike(plural))),

    full('no-hits', `/o/parties?where=${conditions([{ field: 'name', op: 'contains', value: 'no such name at all' }])}`),
    full(
      'filtered',
      `/o/opportunities?where=${conditions([
        { field: 'customer.name', op: 'contains', value: 'a' },
        {
          any: [
            { field: 'closeDate', op: 'isNotEmpty' },
            { field: 'name', op: 'contains', value: 'b' },
          ],
        },
      ])}`,
    ),
    full('filter-fields', '/o/opportunities', key('f')),
    full('filter-condition', '/o/opportunities', async (page) => {
      await page.keyboard.press('f');
      await page.getByRole('textbox', { name: 'Field' }).fill('close date');
      await page.keyboard.press('Enter');
    }),
    full(
      'filter-group',
      `/o/opportunities?where=${conditions([
        {
          any: [
            { field: 'name', op: 'contains', value: 'a' },
            { field: 'name', op: 'contains', value: 'b' },
          ],
        },
      ])}`,
      button(/^Name contains a or/),
    ),
    full('groups', '/o/opportunities?group=stage', undefined, wide),
    full('sums', '/o/opportunities', button(/^Calculate Amount/), wide),
    full('compact', '/o/parties', item('Table', 'Compact'), { ...wide, writes: true }),
    full('roomy', '/o/parties', item('Table', 'Roomy'), { ...wide, writes: true }),
    full('default-density', '/o/parties', item('Table', 'Normal'), { ...wide, writes: true }),
    full('columns', '/o/parties', button(/^Columns/), wide),
    full(
      'column-menu',
      '/o/opportunities',
      async (page) => {
        await page.getByRole('grid').getByRole('button', { name: 'Stage', exact: true }).focus();
        await page.keyboard.press('ArrowDown');
      },
      wide,
    ),
    full('views', '/o/parties', button('Views')),
    full('new-view', `/o/parties?where=${conditions([{ field: 'employees', op: 'gte', value: 3 }])}`, button('Save as a new view'), wide),
    full(
      'row-menu',
      '/o/parties',
      async (page) => {
        await page.getByRole('grid').getByRole('row').nth(3).click({ button: 'right' });
      },
      wide,
    ),
    full('export', '/o/parties', button(/^Export/)),
    full('selected', '/o/tasks', selecting, wide),
    full(
      'bulk',
      '/o/tasks',
      async (page) => {
        await selecting(page);
        await button('Edit')(page);
        await page.getByRole('textbox', { name: 'Field' }).fill('prio');
        await page.keyboard.press('Enter');
      },
      wide,
    ),
    full(
      'cell',
      '/o/tasks?columns=["subject","description","dueOn","priority"]',
      async (page) => {
        await page.getByRole('grid').getByRole('row').nth(2).waitFor();
        await key('j', 'j')(page);
        await page.getByRole('grid').focus();
        await key('ArrowRight', 'F2')(page);
        await page.getByRole('textbox', { name: 'Description' }).waitFor();
      },
      wide,
    ),
    full('board', '/o/opportunities?layout=board'),
    full(
      'board-move',
      '/o/opportunities?layout=board',
      async (page) => {
        await page.locator('[data-card]').first().focus();
        await page.keyboard.press('m');
        await page.getByRole('menuitem').first().waitFor();
      },
      wide,
    ),
    full(
      'board-close',
      '/o/opportunities?layout=board',
      async (page) => {
        await page.locator('[data-card]').first().focus();
        await page.keyboard.press('m');
        await page.getByRole('menuitem', { name: 'Lost' }).first().click();
        await page.getByRole('dialog').waitFor();
      },
      wide,
    ),
    full('since', '/since'),
    full('forecast', '/forecast'),
    full('forecast-call', '/forecast', async (page) => {
      await page
        .getByRole('button', { name: /: (call of|Ansage von) / })
        .first()
        .click();
      await page.getByRole('dialog').waitFor();
    }),
    full('quotas', '/forecast/quotas'),
    full('stage-rules', '/settings/pipelines', button(/^Rules of (Proposal|Angebot)/)),
    // How far a lead is, and what is still to be known of it.
    full('lead', await found('leads', { field: 'status', op: 'eq', value: 'working' })),
    full('deal-credit', open, async (page) => {
      await button('More')(page);
      await page.getByRole('menuitem', { name: 'Split credit' }).click();
      await page.getByRole('dialog').waitFor();
    }),
    full(
      'deal-lines',
      await found('opportunities', {
        all: [
          { count: 'lines', gte: 2 },
          { field: 'stage.category', op: 'eq', value: 'open' },
        ],
      }),
    ),
    full(
      'deal-lines-edit',
      await found('opportunities', {
        all: [
          { count: 'lines', gte: 2 },
          { field: 'stage.category', op: 'eq', value: 'open' },
        ],
      }),
      button('Edit product lines'),
    ),
    full('board-cases', '/o/cases?layout=board'),
    full('calls', '/calls'),
    full('calling', '/calls', async (page) => {
      await page
        .getByRole('link', { name: /^Call from/ })
        .first()
        .click();
      await page.getByRole('heading', { level: 2 }).first().waitFor();
    }),
    full('my-day', async () => {
      await company.day();
      return '/my-day';
    }),
    full(
      'my-day-snooze',
      '/my-day',
      async (page) => {
        await company.day();
        await lead(page, '/my-day');
        await page.locator('[data-line]').first().focus();
        await page.keyboard.press('s');
        await page.getByRole('textbox', { name: 'Put off until' }).waitFor();
      },
      wide,
    ),
    // Colleagues side by side; the calendar of a list is below.
    full('team', async () => {
      await company.team();
      return '/calendar?day=2030-01-14';
    }),
    full(
      'team-week',
      async () => {
        await company.team();
        return '/calendar?day=2030-01-14&span=week';
      },
      undefined,
      wide,
    ),
    full('timeline', '/o/opportunities?layout=timeline'),
    full('calendar', '/o/tasks?layout=calendar'),
    full('calendar-week', '/o/tasks?layout=calendar', button('Week')),
    full('failed-list', '/imports', failing(/\/products\/query/, '/o/products?sort=["-name"]')),

    // On a phone it is a sheet: peek.test.ts holds that one to the same rules.
    full('peek', '/o/parties', peeking, wide),
    full(
      'peek-board',
      '/o/opportunities?layout=board',
      async (page) => {
        await page.locator('[data-card]').first().focus();
        await page.keyboard.press('Space');
        await page.getByRole('complementary').getByRole('heading', { level: 2 }).first().waitFor();
      },
      wide,
    ),
    full('walk', '/o/parties', async (page) => {
      await page.getByRole('grid').getByRole('row').nth(3).waitFor();
      await key('j', 'j', 'Enter')(page);
      await page.getByRole('button', { name: 'Next', exact: true }).waitFor();
    }),
    full('brief', `${customer}/brief`),
    full('hand-over', `/o/users/${owner}/customers`),

    full('customer-outstanding', customer, button(/^(Outstanding|Past sales)/)),
    full('customer-person', await found('parties', ofKind('person'))),
    full('customer-new', customer, button('New')),
    full('customer-menu', customer, button('More')),
    full('person-erase', await found('parties', ofKind('person')), async (page) => {
      await item('More', 'Erase for good…')(page);
      await page.getByRole('dialog').getByRole('textbox').first().waitFor();
    }),
    full('person-export', customer, item('More', 'Export all data')),
    full('customer-history', customer, item('More', 'History')),
    full('customer-details', customer, tab('Details'), phone),
    full('customer-related', customer, tab('Related'), phone),
    full('customer-edit', customer, async (page) => {
      if (await page.getByRole('tab', { name: 'Details' }).count()) await tab('Details')(page);
      // By keyboard: under the pointer are the links of the value.
      await page
        .getByRole('button', { name: /^Edit E-mails?|^Edit Phone/ })
        .first()
        .press('Enter');
    }),
    full('customer-team', customer, async (page) => {
      if (await page.getByRole('tab', { name: 'Details' }).count()) await tab('Details')(page);
      await page
        .getByRole('button', { name: /^(Edit|Add) account team/i })
        .first()
        .press('Enter');
      await page.getByRole('group', { name: /account team/i }).waitFor();
      // Past the list of colleagues, which opens with the focus.
      await page.keyboard.press('Tab');
    }),
    full('customer-no-story', customer, async (page) => {
      const channel = page.getByRole('combobox', { name: 'Channel' });
      await channel.selectOption({ index: (await channel.getByRole('option').count()) - 1 });
    }),
    full('record-edit', await found('notes'), button('Edit Body')),
    full('record-history', open, async (page) => {
      if (await page.getByRole('tab', { name: 'History' }).count()) await tab('History')(page);
    }),
    full('record-related', open, tab('Related'), phone),
    full('action', open, async (page) => {
      await button('More')(page);
      await page.getByRole('menuitem', { name: /^Close/ }).click();
      await page.getByRole('dialog').waitFor();
    }),
    full(
      'conflict',
      open,
      async (page) => {
        if (await page.getByRole('tab', { name: 'Details' }).count()) await tab('Details')(page);
        await page
          .getByRole('button', { name: /^(Edit|Add) next step/i })
          .first()
          .click();
        await page.getByRole('textbox', { name: 'Next step' }).fill('Call them on Monday');
        const id = open.split('/').at(-1);
        const answer = await request.patch(`${base}/api/v1/opportunities/${id}`, {
          data: { nextStep: `Send the revised offer (${Date.now()})` },
          headers: { origin: base },
        });
        if (!answer.ok()) throw new Error(await answer.text());
        await page.getByRole('textbox', { name: 'Next step' }).press('Enter');
        await page.getByRole('alert').first().waitFor();
      },
      { writes: true },
    ),
    full(
      'undo',
      open,
      async (page) => {
        if (await page.getByRole('tab', { name: 'Details' }).count()) await tab('Details')(page);
        await page
          .getByRole('button', { name: /^(Edit|Add) next step/i })
          .first()
          .click();
        await page.getByRole('textbox', { name: 'Next step' }).fill(`Meet at the fair, hall ${Date.now() % 100}`);
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: 'Undo' }).first().waitFor();
      },
      { writes: true },
    ),
    full('missing-record', '/o/parties/00000000-0000-7000-8000-000000000000'),
    full(
      'failed-record',
      '/imports',
      failing(/\/products\/[0-9a-f-]{36}/, await found('products', { field: 'name', op: 'contains', value: 'Pro' })),
    ),

    full('note', customer, dialog('n')),
    full('call', customer, dialog('l')),
    full('task', customer, dialog('t')),
    full('promise', customer, dialog('p')),
    full('fact', customer, dialog('w')),
    full('note-refused', '/o/parties', async (page) => {
      await dialog('n')(page);
      await page.getByRole('textbox', { name: 'What is worth knowing' }).press('Enter');
    }),
    full('palette', customer, dialog('Control+k')),
    full('palette-hits', '/o/parties', async (page) => {
      await dialog('Control+k')(page);
      await page.getByRole('combobox', { name: 'Search' }).fill('con');
      await page.getByRole('option').first().waitFor();
    }),
    full('palette-nothing', '/o/parties', async (page) => {
      await dialog('Control+k')(page);
      await page.getByRole('combobox', { name: 'Search' }).fill('qqxxyyzz');
    }),
    full(
      'palette-pane',
      '/o/parties',
      async (page) => {
        await dialog('Control+k')(page);
        await page.getByRole('combobox', { name: 'Search' }).fill('nordlicht');
        await page.getByRole('option').first().waitFor();
        await page
          .getByRole('region', { name: 'The chosen record' })
          .getByRole('link')
          .or(page.getByRole('region', { name: 'The chosen record' }).getByRole('heading'))
          .first()
          .waitFor();
      },
      wide,
    ),
    full('search', '/search?q=con'),
    full(
      'search-peek',
      '/search?q=nordlicht',
      async (page) => {
        const hits = page.getByRole('grid', { name: 'Results' });
        await hits.getByRole('row').first().waitFor();
        await hits.focus();
        await key('Home', 'Space')(page);
        await page.getByRole('complementary').getByRole('heading', { level: 2 }).first().waitFor();
      },
      wide,
    ),
    full('search-nothing', '/search?q=qqxxyyzz'),
    full('keyboard', '/o/parties', dialog('Shift+?')),
    full('notices', '/settings', button(/^Notices|unread notice/), wide),
    full('jobs', '/settings', button(/^(Recent work|Working)/), wide),
    full('account', '/settings', button('Ada Admin'), wide),
    full('more', '/o/parties', button('More'), phone),

    full('import', '/import?object=party'),
    full('import-columns', '/import?object=party', upload),
    full('import-check', '/import?object=party', async (page) => {
      await upload(page);
      await page.getByRole('button', { name: /^Check \d+ rows/ }).click();
      await page.getByRole('button', { name: /^Import \d+ rows?$/ }).waitFor();
    }),
    full(
      'import-done',
      '/import?object=party',
      async (page) => {
        await upload(page);
        await page.getByRole('button', { name: /^Check \d+ rows/ }).click();
        await page.getByRole('button', { name: /^Import \d+ rows?$/ }).click();
        await page.getByText('The import is done.').waitFor();
      },
      { writes: true },
    ),
    full(
      'import-undo',
      '/imports',
      async (page) => {
        await page.getByRole('link', { name: 'organisations.csv' }).first().click();
        await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
        await page.getByRole('dialog').waitFor();
      },
      { writes: true },
    ),
    full('imports', '/imports'),

    full(
      'duplicates',
      '/imports',
      async (page) => {
        await company.twins();
        await lead(page, '/duplicates?object=party');
        await page.getByRole('grid', { name: 'Duplicates' }).getByRole('row').first().waitFor();
      },
      { writes: true },
    ),
    full('duplicates-settings', '/settings/duplicates'),
    full('duplicates-dismissed', '/duplicates?object=party&state=dismissed'),
    full(
      'duplicates-like',
      '/o/parties',
      async (page) => {
        await company.twins();
        await dialog('c')(page);
        await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Halyard Roasters');
        await page.getByRole('dialog').getByRole('status').getByRole('link').first().waitFor();
      },
      { writes: true },
    ),
    full(
      'merge-with',
      '/imports',
      async (page) => {
        await lead(page, `/o/parties/${(await company.twins())[0]}`);
        await item('More acts', 'Merge with…')(page);
        await page
          .getByRole('dialog')
          .getByRole('button', { name: /^Halyard/ })
          .first()
          .waitFor();
      },
      { writes: true },
    ),
    full(
      'merge',
      '/imports',
      async (page) => {
        const [one, other] = await company.twins();
        await lead(page, `/o/parties/${one}/merge?with=${other}`);
        await page.getByRole('radiogroup', { name: 'Name' }).waitFor();
      },
      { writes: true },
    ),

    full('dashboards', '/dashboards'),
    full('dashboard', '/dashboards/sales'),
    // The dialog of a planned delivery, with one that is there.
    full(
      'report-schedule',
      '/dashboards/sales',
      async (page) => {
        await page.getByRole('button', { name: 'More about this dashboard' }).click();
        await page.getByRole('menuitem', { name: 'Schedule', exact: true }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Schedule', exact: true }).click();
        await page.getByRole('dialog').getByText('Every Monday').first().waitFor();
      },
      { writes: true },
    ),
    full('reports', '/reports'),
    full('report', '/reports/wonByProduct'),
    full('report-cohorts', '/reports/wonCohorts'),
    full('new-report', '/reports/new', button('Add measure')),

    full('settings', '/settings'),
    full('territories', '/settings/territories'),
    full('roles', '/settings/roles'),
    full('role', '/settings/roles', (page) =>
      page
        .getByRole('main')
        .getByRole('link', { name: /^Sales rep/ })
        .click(),
    ),
    full('role-changed', '/settings/roles', async (page) => {
      await page
        .getByRole('main')
        .getByRole('link', { name: /^Sales rep/ })
        .click();
      await page.getByRole('combobox', { name: 'Customers: See' }).selectOption('all');
      await page.getByRole('button', { name: 'Save rights' }).waitFor();
    }),
    full('objects', '/settings/objects'),
    full('new-object', '/settings/objects', button('New object')),
    full('object', '/settings/objects/case'),
    full('new-field', '/settings/objects/case', button('New field')),
    full('pipelines', '/settings/pipelines'),
    full('flows', '/settings/flows'),
    full('new-flow', '/settings/flows', button('New automation')),
    full('flow', () => company.flow(), undefined, { writes: true }),
    full(
      'flow-step',
      () => company.flow(),
      async (page) => {
        await page
          .getByRole('list', { name: 'Steps' })
          .getByRole('button', { name: /^Branch/ })
          .click();
      },
      { writes: true },
    ),
    full(
      'flow-wait',
      () => company.flow(),
      async (page) => {
        await page.getByRole('list', { name: 'Steps' }).getByRole('button', { name: /^Wait/ }).click();
      },
      { writes: true },
    ),
    full(
      'flow-runs',
      () => company.flow(),
      async (page) => {
        await tab('Runs')(page);
      },
      { writes: true },
    ),
    full('approvals', '/approvals'),
    full('quality', '/quality'),
    full(
      'quality-resting',
      '/imports',
      async (page) => {
        await company.resting();
        await lead(page, '/quality?object=case');
        await page.getByRole('heading', { name: 'Rules that rest' }).waitFor();
      },
      { writes: true },
    ),
    full('new-quality-rule', '/quality', button('New rule')),
    full('new-pipeline', '/settings/pipelines', button('New pipeline')),
    full('new-key', '/settings', button('New key')),
    full('sample-remove', '/settings', button('Remove the sample company')),
    full('not-found', '/nowhere/at/all'),
  ];
}
