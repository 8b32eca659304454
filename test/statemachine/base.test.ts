/** What a new revision is made of: the running definition, the newest of its family, or the one that a person names. */
import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { afterEach, describe, expect, it } from 'vitest';
import { globPolicy } from '../../lambdas/common/configuration/glob.ts';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

async function describeDefinition(taskDefinition: string): Promise<TaskDefinition> {
  const answer = await bed.clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  return answer.taskDefinition ?? {};
}

/** Registers what runs with changes, as the user's infrastructure code would. @returns the new revision's ARN */
async function register(change: {
  variables?: Record<string, string>;
  image?: string;
  taskRoleArn?: string;
  container?: string;
}): Promise<string> {
  const {
    family,
    taskRoleArn,
    executionRoleArn,
    networkMode,
    requiresCompatibilities,
    containerDefinitions,
  } = await describeDefinition(bed.world.taskDefinitionArn);
  const [app] = containerDefinitions ?? [];
  const { variables = {}, image, container = app?.name } = change;
  const environment = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const { taskDefinition } = await bed.clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      taskRoleArn: change.taskRoleArn ?? taskRoleArn,
      executionRoleArn,
      networkMode,
      requiresCompatibilities,
      containerDefinitions: [
        {
          ...app,
          name: container,
          image: image ?? app?.image,
          environment: [...(app?.environment ?? []), ...environment],
        },
      ],
    }),
  );
  return taskDefinition?.taskDefinitionArn ?? '';
}

/** What the service on a side runs in its container. */
async function running(service: string) {
  const { taskDefinition = '' } = await bed.service(service);
  const { containerDefinitions = [] } = await describeDefinition(taskDefinition);
  const [{ image, environment = [] } = {}] = containerDefinitions;
  return { taskDefinition, image, environment };
}

const FEATURE = { name: 'FEATURE', value: 'on' };

describe('a base of running', () => {
  it('changes the image only, whatever was registered meanwhile', async () => {
    bed = await makeBed();
    await register({ variables: { FEATURE: 'on' } });
    const { digest } = await bed.push('v2');
    await bed.untilEnded();
    const { image, environment } = await running('orders-b');
    expect(image).toContain(digest);
    expect(environment).not.toContainEqual(FEATURE);
  });

  it('has nothing to deploy if that digest serves', async () => {
    bed = await makeBed();
    await register({ variables: { FEATURE: 'on' } });
    await bed.start({ service: 'orders', tag: 'v1' });
    await bed.untilEnded();
    expect(await bed.deployments()).toMatchObject([{ outcome: 'NOTHING_TO_DEPLOY' }]);
  });
});

describe('a base of family-latest', () => {
  it('ships the newest revision of the family with the pushed image, and keeps every revision', async () => {
    bed = await makeBed({ service: { image: { base: 'family-latest' } } });
    const baseTaskDefinitionArn = await register({ variables: { FEATURE: 'on' } });
    const { digest } = await bed.push('v2');
    await bed.untilEnded();

    const { image, environment } = await running('orders-b');
    expect(image).toContain(digest);
    expect(environment).toContainEqual(FEATURE);
    expect(await bed.deployments()).toMatchObject([{ outcome: 'SUCCESSFUL', baseTaskDefinitionArn }]);
    const inactive = new ListTaskDefinitionsCommand({ familyPrefix: 'orders', status: 'INACTIVE' });
    expect((await bed.clients.ecs.send(inactive)).taskDefinitionArns).toEqual([]);
  });

  it('is a deployment although the digest serves, and none the second time', async () => {
    bed = await makeBed({ service: { image: { base: 'family-latest' } } });
    const newest = await register({ variables: { FEATURE: 'on' } });
    await bed.start({ service: 'orders', tag: 'v1' });
    await bed.untilEnded();
    expect(await running('orders-b')).toMatchObject({ taskDefinition: newest });

    await bed.start({ service: 'orders', tag: 'v1' });
    await bed.untilEnded(2);
    const outcomes = (await bed.deployments()).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['SUCCESSFUL', 'NOTHING_TO_DEPLOY']);
  });

  it('passes over revisions that are INACTIVE', async () => {
    bed = await makeBed({ service: { image: { base: 'family-latest' } } });
    const taskDefinition = await register({ variables: { FEATURE: 'on' } });
    await bed.clients.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    await bed.push('v2');
    await bed.untilEnded();
    expect((await running('orders-b')).environment).not.toContainEqual(FEATURE);
  });
});

describe('a task definition in the input', () => {
  it('is deployed with the image that stands in it, whichever digest serves', async () => {
    bed = await makeBed();
    const named = await register({ variables: { FEATURE: 'on' } });
    await register({ variables: { FEATURE: 'off' } });
    await bed.start({ service: 'orders', taskDefinition: 'orders:2' });
    await bed.untilEnded();
    expect(await running('orders-b')).toMatchObject({ taskDefinition: named });
    expect(await bed.deployments()).toMatchObject([
      { outcome: 'SUCCESSFUL', baseTaskDefinitionArn: named, revisionArn: named },
    ]);
  });

  it('takes the image that is asked for beside it', async () => {
    bed = await makeBed();
    await register({ variables: { FEATURE: 'on' } });
    // No push event: that would start a deployment of its own.
    await bed.configure({ image: { ...(await imageOfService()), tags: globPolicy('release-*') } });
    const { digest } = await bed.push('v2');
    await bed.start({ service: 'orders', taskDefinition: 'orders:2', tag: 'v2' });
    await bed.untilEnded();
    const { image, environment } = await running('orders-b');
    expect(image).toContain(digest);
    expect(environment).toContainEqual(FEATURE);
  });

  it.each([
    ['an unknown one', 'orders:99', 'TaskDefinitionNotFound', /orders:99/],
    ['no name at all', 'orders 41', 'BadInput', /taskDefinition is 'orders 41'/],
  ])('is refused for %s', async (_, taskDefinition, error, cause) => {
    bed = await makeBed();
    await bed.start({ service: 'orders', taskDefinition });
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ status: 'FAILED', cause: expect.stringMatching(cause) });
    expect(execution?.cause).toContain(error);
    expect(await bed.deployments()).toEqual([]);
  });

  it('is refused if it is INACTIVE', async () => {
    bed = await makeBed();
    const taskDefinition = await register({});
    await bed.clients.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    await bed.start({ service: 'orders', taskDefinition });
    const [execution] = await bed.untilEnded();
    expect(execution?.cause).toMatch(/TaskDefinitionNotFound.*INACTIVE/s);
  });

  it('is refused with an image of another repository, unless one is asked for', async () => {
    bed = await makeBed();
    const taskDefinition = await register({ image: 'public.ecr.aws/nginx/nginx:1' });
    await bed.start({ service: 'orders', taskDefinition });
    const [execution] = await bed.untilEnded();
    expect(execution?.cause).toMatch(/ImageNotForThisService.*nginx/s);
  });

  it.each([
    ['a role that is not listed', { taskRoleArn: 'arn:aws:iam::000000000000:role/admin' }, /role\/admin/],
    ['no such container', { container: 'web' }, /has no container 'app'/],
  ])('is refused with %s, and nothing is changed', async (_, change, reason) => {
    bed = await makeBed();
    const taskDefinition = await register(change);
    await bed.start({ service: 'orders', taskDefinition, tag: 'v1' });
    await bed.untilEnded();
    expect(await bed.deployments()).toMatchObject([
      { outcome: 'REFUSED', reason: expect.stringMatching(reason) },
    ]);
    expect((await bed.sides())[1]).toMatchObject({ percent: 0, desiredCount: 0 });
  });
});

async function imageOfService() {
  const { image } = await configurationOfService();
  return image;
}

async function configurationOfService() {
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const ssm = new SSMClient(bed.cloud.clientConfiguration('person'));
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/sidestep/services/orders' }));
  ssm.destroy();
  return JSON.parse(Parameter?.Value ?? '{}');
}
