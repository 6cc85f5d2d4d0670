import { beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { newId } from '#kit/ids.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Pipelines and stages are the company's own, and no opportunity is ever left in one that is gone. */
let inside: Inside;
let key: string;

interface Row {
  id: string;
  name: string;
  key: string;
  category: string;
  probability: number;
  position: number;
  isDefault: boolean;
}

const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
  inside.ask(method, `/api/v1${path}`, { key, ...(body === undefined ? {} : { body }) });
const list = async (plural: string, sort: string, where?: unknown): Promise<Row[]> =>
  ((await send('POST', `/${plural}/query`, { sort: [sort], where, limit: 100 })).body as { items: Row[] }).items;
const stagesOf = (pipeline: string) => list('stages', 'position', { field: 'pipeline', op: 'eq', value: pipeline });
const made = async (plural: string, values: unknown): Promise<Row> => {
  const { status, body } = await send('POST', `/${plural}`, values);
  expect(status, JSON.stringify(body)).toBe(201);
  return body as Row;
};
const refusal = (body: unknown): { path: string; code: string } | undefined =>
  (body as { errors?: { path: string; code: string }[] }).errors?.[0];

beforeAll(async () => {
  inside = await insideProduct({});
  const ctx = await inside.ctx();
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
});

describe('pipelines', () => {
  it('have one default, which passes to the one last called so and is never without', async () => {
    const [first] = await list('pipelines', 'name');
    expect(first?.isDefault).toBe(true);
    const renewals = await made('pipelines', { name: 'Renewals', isDefault: true });
    expect((await list('pipelines', 'name')).filter((one) => one.isDefault).map((one) => one.id)).toEqual([renewals.id]);
    const off = await send('PATCH', `/pipelines/${renewals.id}`, { isDefault: false });
    expect([off.status, refusal(off.body)?.code]).toEqual([422, 'needed']);
    expect((await send('DELETE', `/pipelines/${renewals.id}`)).status).toBe(422);
    expect((await send('PATCH', `/pipelines/${first?.id}`, { isDefault: true })).status).toBe(200);
    expect((await list('pipelines', 'name')).filter((one) => one.isDefault).map((one) => one.id)).toEqual([first?.id]);
  });

  it('are made of stages that stand behind one another, with a key and a probability of their own making', async () => {
    const pipeline = await made('pipelines', { name: 'Tenders' });
    for (const values of [
      { name: 'Angebot prüfen' },
      { name: 'Angebot prüfen!' },
      { name: 'Won', category: 'won' },
      { name: 'Lost', category: 'lost' },
    ])
      await made('stages', { ...values, pipeline: pipeline.id });
    expect((await stagesOf(pipeline.id)).map((stage) => [stage.key, stage.position, stage.probability])).toEqual([
      ['angebot-prufen', 1, 0],
      ['angebot-prufen-2', 2, 0],
      ['won', 3, 1],
      ['lost', 4, 0],
    ]);
  });

  it('let no stage go or change its meaning while an opportunity lies in it', async () => {
    const pipeline = await made('pipelines', { name: 'Projects' });
    const open = await made('stages', { name: 'Talk', pipeline: pipeline.id });
    const won = await made('stages', { name: 'Won', category: 'won', pipeline: pipeline.id });
    const deal = await made('opportunities', { name: 'Roof', pipeline: pipeline.id, stage: open.id });
    const gone = await send('DELETE', `/stages/${open.id}`);
    expect([gone.status, refusal(gone.body)?.code]).toEqual([422, 'inUse']);
    const turned = await send('PATCH', `/stages/${open.id}`, { category: 'lost' });
    expect([turned.status, refusal(turned.body)]).toEqual([422, expect.objectContaining({ path: 'category', code: 'inUse' })]);
    expect((await send('DELETE', `/pipelines/${pipeline.id}`)).status).toBe(422);
    expect((await send('PATCH', `/opportunities/${deal.id}`, { stage: won.id })).status).toBe(200);
    expect((await send('DELETE', `/stages/${open.id}`)).status).toBe(204);
  });

  it('go with their stages and come back with them, but not with one that had gone before', async () => {
    const pipeline = await made('pipelines', { name: 'Fairs' });
    const early = await made('stages', { name: 'Early', pipeline: pipeline.id });
    const kept = await made('stages', { name: 'Kept', pipeline: pipeline.id });
    expect((await send('DELETE', `/stages/${early.id}`)).status).toBe(204);
    expect((await send('DELETE', `/pipelines/${pipeline.id}`)).status).toBe(204);
    expect(await stagesOf(pipeline.id)).toEqual([]);
    const back = await send('POST', `/trash/restore`, { object: 'pipeline', ids: [pipeline.id] });
    expect(back.status, JSON.stringify(back.body)).toBe(200);
    expect((await stagesOf(pipeline.id)).map((stage) => stage.id)).toEqual([kept.id]);
  });

  it('are made with the stages of another one in one act: both or neither, taken back together and brought again', async () => {
    const before = await list('pipelines', 'name');
    const from = await made('pipelines', { name: 'Template' });
    await made('stages', { name: 'Talk', probability: 0.3, pipeline: from.id });
    await made('stages', { name: 'Won', category: 'won', pipeline: from.id });
    const answer = await send('POST', '/actions/copyPipeline', { ids: [from.id], name: 'From template' });
    expect(answer.status, answer.text).toBe(200);
    const { id } = answer.body as { id: string };
    const stages = (await stagesOf(id)).map(({ name, category, probability, position }) => ({ name, category, probability, position }));
    expect(stages).toEqual([
      { name: 'Talk', category: 'open', probability: 0.3, position: 1 },
      { name: 'Won', category: 'won', probability: 1, position: 2 },
    ]);
    const cause = String(answer.headers['perigon-cause']);
    const undone = await send('POST', `/causes/${cause}/undo`, {});
    expect(undone.status, undone.text).toBe(200);
    expect((await list('pipelines', 'name')).map((one) => one.id).sort()).toEqual([...before.map((one) => one.id), from.id].sort());
    expect(await stagesOf(id)).toEqual([]);
    // What cannot be made leaves nothing behind.
    expect((await send('POST', '/actions/copyPipeline', { ids: [from.id], name: '' })).status).toBe(422);
    expect((await send('POST', '/actions/copyPipeline', { ids: [newId()], name: 'x' })).status).toBe(404);
    expect(await list('pipelines', 'name')).toHaveLength(before.length + 1);
  });
});
