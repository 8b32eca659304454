/** The whole local cloud: from a pushed image through rule, machine and bundled function to the table, in each mode. */
import { DescribeTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRepositoryCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { type Mode, startCloud, type TestCloud } from './clouds.ts';
import { toyAssembly } from './toy.ts';

const MODES: Mode[] = ['virtual', 'processes', 'processes at twenty times the speed'];
const FUNCTION = 'Toy-Record';

/** Pushes an image, as `docker push` does in the end. */
async function push(cloud: TestCloud, tag: string): Promise<void> {
  const ecr = new ECRClient(cloud.clientConfiguration('person'));
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'orders' }));
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {},
    layers: [],
  };
  await ecr.send(
    new PutImageCommand({ repositoryName: 'orders', imageTag: tag, imageManifest: JSON.stringify(manifest) }),
  );
}

/** Follows the machine: the events' types of all executions, as they come. */
function follow(cloud: TestCloud): string[] {
  const types: string[] = [];
  cloud.states.onHistoryEvent((_arn, { type = '' as never }) => types.push(type));
  return types;
}

const hasEnded = (types: string[]) => () =>
  types.some((type) => /^Execution(Succeeded|Failed|TimedOut)$/.test(type));

describe.each(MODES)('a pushed image (%s)', (mode) => {
  it('starts the machine, whose Task runs the bundled function, which writes to its table', async () => {
    const cloud = await startCloud(mode);
    const { outputs } = await cloud.deploy(toyAssembly());
    const types = follow(cloud);

    await push(cloud, 'v1');
    await cloud.until(hasEnded(types));

    const sfn = new SFNClient(cloud.clientConfiguration('person'));
    const { executions = [] } = await sfn.send(
      new ListExecutionsCommand({ stateMachineArn: outputs.MachineArn }),
    );
    const execution = await sfn.send(
      new DescribeExecutionCommand({ executionArn: executions[0]?.executionArn }),
    );
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '{"deployed":"v1"}' });
    const table = new DynamoDBClient(cloud.clientConfiguration('person'));
    const { Item } = await table.send(
      new GetItemCommand({ TableName: outputs.TableName, Key: { pk: { S: 'v1' } } }),
    );
    const writtenMs = Number(Item?.atMs?.N);
    expect(writtenMs).toBeGreaterThanOrEqual(Number(execution.startDate) + 990);
    expect(writtenMs).toBeLessThanOrEqual(cloud.clock.now());
    expect(cloud.endpoint.calls).toContainEqual(
      expect.objectContaining({ caller: FUNCTION, service: 'dynamodb', operation: 'PutItem' }),
    );
    expect(cloud.faults).toEqual([]);
  });
});

describe('the virtual cloud', () => {
  it('gives the same run for the same seed', async () => {
    const run = async () => {
      const cloud = await startCloud('virtual');
      await cloud.deploy(toyAssembly());
      const types = follow(cloud);
      await push(cloud, 'v1');
      await cloud.until(hasEnded(types));
      return { types, calls: cloud.endpoint.calls, endMs: cloud.clock.now() };
    };

    expect(await run()).toEqual(await run());
  });
});

describe('enforced policies', () => {
  it('let a function do what its role grants and keep what it used', async () => {
    const cloud = await startCloud('virtual');
    await cloud.deploy(toyAssembly());
    const enforcement = cloud.enforcePolicies();
    const types = follow(cloud);

    await push(cloud, 'v1');
    await cloud.until(hasEnded(types));

    expect(types).toContain('ExecutionSucceeded');
    expect([...(enforcement.used.get(FUNCTION) ?? [])]).toEqual(['dynamodb:PutItem']);
    expect(enforcement.unused(FUNCTION)).toEqual([]);
  });

  it('refuse a function what its role does not grant', async () => {
    const cloud = await startCloud('virtual');
    await cloud.deploy(toyAssembly());
    cloud.enforcePolicies();

    const result = await cloud.lambda.invoke(FUNCTION, { tag: 'v1', wish: 'forbidden' });

    expect(result).toMatchObject({
      error: {
        errorType: 'AccessDeniedException',
        errorMessage: expect.stringContaining(
          'dynamodb:PutItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/other',
        ),
      },
    });
  });

  it('do not bind a person', async () => {
    const cloud = await startCloud('virtual');
    const { outputs } = await cloud.deploy(toyAssembly());
    cloud.enforcePolicies();
    const table = new DynamoDBClient(cloud.clientConfiguration('person'));

    const { Table } = await table.send(new DescribeTableCommand({ TableName: outputs.TableName }));

    expect(Table?.TableStatus).toBe('ACTIVE');
  });
});
