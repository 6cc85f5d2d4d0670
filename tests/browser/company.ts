import { createHash } from 'node:crypto';
import type { APIRequestContext } from 'playwright-core';

/** Reads and, for a company of our own, prepares what the screens show. */
export class Company {
  constructor(
    readonly request: APIRequestContext,
    readonly base: string,
  ) {}

  async post<T>(path: string, data: object): Promise<T> {
    const answer = await this.request.post(`${this.base}/api/v1${path}`, { data, headers: { origin: this.base } });
    if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async get<T>(path: string): Promise<T> {
    const answer = await this.request.get(`${this.base}/api/v1${path}`);
    if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** The first record of an object that meets a condition, else the first. */
  async first(plural: string, where?: object): Promise<string | undefined> {
    for (const condition of [where, undefined]) {
      const { items } = await this.post<{ items: { id: string }[] }>(`/${plural}/query`, {
        limit: 1,
        fields: [],
        ...(condition ? { where: condition } : {}),
      });
      if (items[0]) return items[0].id;
    }
    return undefined;
  }

  #flow: Promise<string> | undefined;
  /** The page of a flow that is half drawn: with a branch, and a step that lacks something. */
  flow(): Promise<string> {
    this.#flow ??= this.post<{ id: string }>('/flows', {
      name: 'Welcome',
      definition: {
        object: 'party',
        trigger: { on: 'change', deeds: ['created'] },
        start: 'mark',
        steps: {
          mark: { do: 'set', values: { description: { text: 'New: {{name}}' } }, next: 'fork' },
          fork: {
            do: 'branch',
            branches: [{ id: 'large', label: 'large', when: { field: 'employees', op: 'gte', value: 100 }, next: 'tell' }],
            else: 'rest',
          },
          rest: {
            do: 'wait',
            when: { field: 'lifecycleStage', op: 'eq', value: 'repeat' },
            timeout: { after: { days: 3 }, next: 'tell' },
            next: 'tell',
          },
          tell: { do: 'notify', to: {}, text: 'Call {{name}}' },
        },
      },
    }).then(({ id }) => `/settings/flows/${id}`);
    return this.#flow;
  }

  #day: Promise<void> | undefined;
  /** Work of the administrator's own: late, due, promised, a meeting, a deal nobody goes on with. */
  day(): Promise<void> {
    this.#day ??= (async (): Promise<void> => {
      const day = (by: number) => new Date(Date.now() + by * 86_400_000).toISOString().slice(0, 10);
      const party = (await this.post<{ id: string }>('/parties', { kind: 'organisation', name: 'Quay Coffee House' })).id;
      await this.post('/tasks', { subject: 'Send the new price list', kind: 'email', party, dueOn: day(-6) });
      await this.post('/tasks', { subject: 'Ask when the kitchen is rebuilt', kind: 'call', party, dueOn: day(-2) });
      await this.post('/tasks', { subject: 'Count the grinders on loan', dueOn: day(0) });
      await this.post('/tasks', { subject: 'Two machines to try before Easter', kind: 'promise', party, dueOn: day(12) });
      await this.post('/meetings', { subject: 'Tasting in the showroom', party, allDay: true, startsOn: day(0), endsOn: day(1) });
      await this.post('/opportunities', { name: 'Quay: four machines for the terrace', customer: party });
    })();
    return this.#day;
  }

  #team: Promise<void> | undefined;
  /** Colleagues side by side on Monday, 14 January 2030, with something of each kind. */
  team(): Promise<void> {
    this.#team ??= (async (): Promise<void> => {
      const { items } = await this.post<{ items: { id: string; name: string }[] }>('/users/query', {
        limit: 5,
        sort: ['name'],
        fields: ['name'],
      });
      const [me, ...others] = items.map(({ id }) => id);
      const [one, two, three] = others;
      await this.request.put(`${this.base}/api/v1/calendar/team`, { data: { people: [me, ...others] }, headers: { origin: this.base } });
      const at = (day: number, hour: number, minute = 0) => new Date(Date.UTC(2030, 0, day, hour, minute)).toISOString();
      await this.post('/meetings', { subject: 'Roast of the week', owner: me, colleagues: [one, two], start: at(14, 8), end: at(14, 9) });
      await this.post('/meetings', { subject: 'Grinder demo', owner: one, start: at(14, 10), end: at(14, 12), place: 'Showroom' });
      await this.post('/meetings', { subject: 'Call with the importer', owner: one, start: at(14, 11), end: at(14, 11, 30) });
      await this.post('/meetings', { subject: 'Trade fair', owner: two, allDay: true, startsOn: '2030-01-14', endsOn: '2030-01-16' });
      await this.post('/meetings', { subject: 'Budget', owner: three, start: at(15, 9), end: at(15, 11) });
      await this.post('/tasks', { subject: 'Call the harbour café', kind: 'call', owner: three, dueAt: at(14, 12) });
    })();
    return this.#team;
  }

  #leads: Promise<string> | undefined;
  /** The address of a lead that was given out by a rule and has reasons of both kinds for its score. */
  leads(): Promise<string> {
    this.#leads ??= (async (): Promise<string> => {
      const colleague = await this.first('users', { field: 'name', op: 'ne', value: 'Ada Admin' });
      const rule = { object: 'lead', position: 1, members: [colleague] };
      await this.post('/assignmentRules', {
        ...rule,
        name: 'Web and events',
        condition: { field: 'source', op: 'in', value: ['web', 'event'] },
        way: 'roundRobin',
      });
      await this.post('/assignmentRules', { ...rule, name: 'All others', position: 2, way: 'load' });
      const party = (await this.post<{ id: string }>('/parties', { kind: 'organisation', name: 'Harbour Bakery' })).id;
      for (const days of [2, 9])
        await this.post('/interactions', {
          party,
          channel: 'phone',
          kind: 'call',
          direction: 'inbound',
          subject: 'Asks about delivery',
          at: new Date(Date.now() - days * 86_400_000).toISOString(),
        });
      const lead = { party, name: 'Two ovens for the new shop', source: 'web', need: 'Before Easter', timeframe: 'now' };
      const { id } = await this.post<{ id: string }>('/leads', { ...lead, decisionMaker: 'decides' });
      await this.post('/leads', { party, name: 'A proofer', source: 'phone' });
      return `/o/leads/${id}`;
    })();
    return this.#leads;
  }

  #resting: Promise<void> | undefined;
  /** A rule of data quality that speaks of a field which has been retired. */
  resting(): Promise<void> {
    this.#resting ??= (async (): Promise<void> => {
      const field = '/catalogue/objects/case/fields';
      await this.post(field, { key: 'xSeverity', field: { type: 'integer' }, words: { en: { label: 'Severity' } } });
      await this.post('/qualityRules', { name: 'A case has a severity', object: 'case', good: { field: 'xSeverity', op: 'isNotEmpty' } });
      const data = { retired: true };
      const retired = await this.request.patch(`${this.base}/api/v1${field}/xSeverity`, { data, headers: { origin: this.base } });
      if (!retired.ok()) throw new Error(await retired.text());
    })();
    return this.#resting;
  }

  #twins: Promise<[string, string]> | undefined;
  /** Two customers that are likely the same one, once they are known as such. */
  twins(): Promise<[string, string]> {
    this.#twins ??= (async (): Promise<[string, string]> => {
      const make = async (name: string): Promise<string> =>
        (
          await this.post<{ id: string }>('/parties', {
            kind: 'organisation',
            name,
            emails: ['post@halyard.example'],
            phones: ['+44 20 7946 0321'],
          })
        ).id;
      const ids: [string, string] = [await make('Halyard Roasters Ltd'), await make('Halyard Roasters')];
      for (let pairs = 0; pairs === 0; ) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        pairs = (await this.get<{ items: unknown[] }>(`/duplicates?object=party&record=${ids[0]}`)).items.length;
      }
      return ids;
    })();
    return this.#twins;
  }

  #webhook: Promise<string> | undefined;
  /** The name of a webhook with a condition, which has tried to send something to where nobody answers. */
  webhook(): Promise<string> {
    this.#webhook ??= (async (): Promise<string> => {
      const name = 'Warehouse';
      const { id } = await this.post<{ id: string }>('/webhooks', {
        name,
        url: 'https://warehouse.invalid/in',
        objects: ['party', 'order'],
        actions: ['create', 'update'],
        condition: { field: 'createdAt', op: 'isNotEmpty' },
      });
      await this.post(`/webhooks/${id}/test`, {});
      const tried = async (): Promise<boolean> =>
        (await this.get<{ items: { attempts: number }[] }>(`/outbox?source=${id}`)).items.some(({ attempts }) => attempts > 0);
      while (!(await tried())) await new Promise((resolve) => setTimeout(resolve, 100));
      return name;
    })();
    return this.#webhook;
  }

  #retention: Promise<string> | undefined;
  /** The name of a rule that is not switched on yet. */
  retention(): Promise<string> {
    const name = 'Customers without a name for their industry';
    this.#retention ??= this.post('/retentionRules', {
      name,
      act: 'delete',
      object: 'party',
      condition: { field: 'industry', op: 'isEmpty' },
      days: 30,
    }).then(() => name);
    return this.#retention;
  }

  #application: Promise<string> | undefined;
  /** Where an application of others leads whoever is to allow it; it acts for who signs in here already. */
  application(): Promise<string> {
    this.#application ??= (async (): Promise<string> => {
      const back = 'https://phone-book.example/back';
      const { id } = await this.post<{ id: string }>('/oauth/clients', {
        name: 'Phone book',
        redirectUris: [back],
        scopes: ['read:parties', 'write:tasks', 'export'],
        confidential: false,
      });
      const verifier = 'v'.repeat(50);
      const asked = {
        client_id: id,
        redirect_uri: back,
        response_type: 'code',
        scope: 'read:parties write:tasks export',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      };
      const { redirect } = await this.post<{ redirect: string }>('/oauth/decisions', { request: asked, allow: true });
      const code = new URL(redirect).searchParams.get('code') ?? '';
      const form = { grant_type: 'authorization_code', code, redirect_uri: back, code_verifier: verifier, client_id: id };
      const tokens = await this.request.post(`${this.base}/api/v1/oauth/token`, { form, headers: { origin: this.base } });
      if (!tokens.ok()) throw new Error(await tokens.text());
      return `/oauth/authorize?${new URLSearchParams(asked)}`;
    })();
    return this.#application;
  }

  #backup: Promise<void> | undefined;
  /** A backup is there. */
  backup(): Promise<void> {
    this.#backup ??= (async (): Promise<void> => {
      await this.post('/backups', {});
      const made = async (): Promise<boolean> => {
        const { items, job } = await this.get<{ items: unknown[]; job: string | null }>('/backups');
        return items.length > 0 && job === null;
      };
      while (!(await made())) await new Promise((resolve) => setTimeout(resolve, 200));
    })();
    return this.#backup;
  }

  #member: Promise<string> | undefined;
  /** The name of a member who may be invited: those of the sample company have no address. */
  member(): Promise<string> {
    this.#member ??= this.post('/users', { name: 'Rita Rep', email: 'rita@example.org' }).then(() => 'Rita Rep');
    return this.#member;
  }
}
