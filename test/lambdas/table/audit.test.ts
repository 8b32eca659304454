/** The audit: entries that hang together, whoever appends at the same time, and ports that note what they write. */
import { describe, expect, it } from 'vitest';
import type { Key, Table, TableWrite } from '../../../lambdas/aws/dynamodb.ts';
import { type AuditScene, audited } from '../../../lambdas/common/audited.ts';
import { AwsNotAnswering } from '../../../lambdas/common/errors.ts';
import { type AuditEntry, brokenAt, queryAudit } from '../../../lambdas/table/audit.ts';

/** Only puts under the condition that there is nothing yet, and queries. */
function tableOf(): Table & { readonly items: Map<string, object> } {
  const items = new Map<string, object>();
  const keyOf = ({ pk, sk }: Key) => `${pk} ${sk}`;
  return {
    items,
    getItem: async () => undefined,
    async query<T>(pk: string, range?: { newestFirst?: boolean; limit?: number }) {
      const found = [...items]
        .filter(([key]) => key.startsWith(`${pk} `))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      if (range?.newestFirst) found.reverse();
      return found.slice(0, range?.limit).map(([, item]) => item as T);
    },
    async write(...writes: readonly TableWrite[]) {
      const puts = writes.map((write) => ('put' in write ? (write.put as Key) : { pk: '', sk: '' }));
      if (puts.some((put) => items.has(keyOf(put)))) return false;
      for (const put of puts) items.set(keyOf(put), JSON.parse(JSON.stringify(put)) as object);
      return true;
    },
  };
}

const DEPLOYMENT_ID = 'orders-20260101t000000z-1f2e3d';

function sceneOf(table: Table, state: string): AuditScene {
  const deployment = {
    deploymentId: DEPLOYMENT_ID,
    service: 'orders',
    startedBy: { kind: 'push', executionArn: 'arn:0', input: {} },
    configuration: {},
  } as unknown as AuditScene['deployment'];
  const log = { info() {}, warn() {}, error() {}, append() {} };
  return { table, now: () => 5, log, deployment, executionArn: 'arn:1', state };
}

function portsThat(updateService: () => Promise<object>) {
  const service = { desiredCount: 2, taskDefinition: 'orders:1', events: ['not kept'] };
  return { ecs: { describeService: async () => service, updateService, describeTasksOf: async () => [] } };
}
type Ports = ReturnType<typeof portsThat>;
const update = ({ ecs }: Ports) =>
  (ecs.updateService as (cluster: string, service: string, change: object) => Promise<object>)(
    'prod',
    'orders-a',
    {
      desiredCount: 0,
    },
  );

const told = (entries: readonly AuditEntry[]) =>
  entries.map((entry) => (entry.kind === 'intent' ? entry.operation : `${entry.of} ${entry.result}`));

describe('a port that writes', () => {
  it('notes before and after, who and why, and the result', async () => {
    const table = tableOf();
    const { ports, flush } = audited(
      portsThat(async () => ({})),
      sceneOf(table, 'StopGreen'),
    );
    await update(ports);
    await flush();

    const entries = await queryAudit(table, DEPLOYMENT_ID);
    expect(entries[0]).toMatchObject({
      operation: 'UpdateService',
      resource: 'prod/orders-a',
      before: { desiredCount: 2, taskDefinition: 'orders:1' },
      after: { desiredCount: 0 },
      actor: { executionArn: 'arn:1', startedBy: 'push arn:0' },
      cause: 'StopGreen',
    });
    expect(told(entries)).toEqual(['UpdateService', '1 done']);
    expect([...table.items.values()]).toEqual(
      entries.map(() => expect.objectContaining({ expiresAtSeconds: 400 * 86_400 })),
    );
  });

  it('writes nothing whose intent cannot be noted', async () => {
    const table = { ...tableOf(), write: () => Promise.reject(new Error('throttled')) };
    let calls = 0;
    const { ports } = audited(
      portsThat(async () => {
        calls += 1;
        return {};
      }),
      sceneOf(table, 'StopGreen'),
    );

    await expect(update(ports)).rejects.toThrow('throttled');
    expect(calls).toBe(0);
  });

  it.each([
    ['failed', Object.assign(new Error('no'), { name: 'ClientException' })],
    ['unknown', new AwsNotAnswering('nothing came back')],
  ])('says that a write %s', async (result, error) => {
    const table = tableOf();
    const { ports, flush } = audited(
      portsThat(() => Promise.reject(error)),
      sceneOf(table, 'StopGreen'),
    );
    await expect(update(ports)).rejects.toBe(error);
    await flush();

    expect(told(await queryAudit(table, DEPLOYMENT_ID))).toEqual(['UpdateService', `1 ${result}`]);
  });

  it('leaves an intent without a result where it was cut off, and goes on behind it', async () => {
    const table = tableOf();
    const killed = audited(
      portsThat(async () => ({})),
      sceneOf(table, 'StopGreen'),
    );
    await update(killed.ports);
    const again = audited(
      portsThat(async () => ({})),
      sceneOf(table, 'StopGreen'),
    );
    await update(again.ports);
    await again.flush();

    const entries = await queryAudit(table, DEPLOYMENT_ID);
    expect(told(entries)).toEqual(['UpdateService', 'UpdateService', '2 done']);
    expect(brokenAt(entries)).toBe(undefined);
  });

  it('keeps one chain when two invocations write at once', async () => {
    const table = tableOf();
    const both = ['A', 'B'].map((state) =>
      audited(
        portsThat(async () => ({})),
        sceneOf(table, state),
      ),
    );
    for (let round = 0; round < 3; round += 1) await Promise.all(both.map(({ ports }) => update(ports)));
    await Promise.all(both.map(({ flush }) => flush()));

    const entries = await queryAudit(table, DEPLOYMENT_ID);
    expect(entries).toHaveLength(12);
    expect(brokenAt(entries)).toBe(undefined);
    const intents = new Set(entries.filter(({ kind }) => kind === 'intent').map(({ sequence }) => sequence));
    expect(
      entries.flatMap((entry) => (entry.kind === 'result' ? entry.of : [])).every((of) => intents.has(of)),
    ).toBe(true);
  });
});

describe('a chain', () => {
  async function written(): Promise<AuditEntry[]> {
    const table = tableOf();
    const { ports, flush } = audited(
      portsThat(async () => ({})),
      sceneOf(table, 'StopGreen'),
    );
    for (let round = 0; round < 3; round += 1) await update(ports);
    await flush();
    return queryAudit(table, DEPLOYMENT_ID);
  }

  it.each<[string, (entries: AuditEntry[]) => AuditEntry[], number | undefined]>([
    ['is whole as it was written', (entries) => entries, undefined],
    [
      'breaks where an entry was changed',
      (entries) => entries.map((one) => (one.sequence === 3 ? { ...one, atMs: 6 } : one)),
      3,
    ],
    ['breaks where an entry is missing', (entries) => entries.filter(({ sequence }) => sequence !== 2), 2],
    ['breaks where two have changed places', ([a, b, ...rest]) => [b, a, ...rest] as AuditEntry[], 1],
  ])('%s', async (_title, tamper, expected) => {
    expect(brokenAt(tamper(await written()))).toBe(expected);
  });
});
