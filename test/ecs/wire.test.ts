/** ECS behind the wire: what every operation takes and gives fits the SDK's own schemas. */
import * as Ecs from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { createRandom } from '../../local/random.ts';
import { createEndpoint } from '../../local/wire/create-endpoint.ts';
import { inProcessClientConfiguration } from '../../local/wire/in-process-handler.ts';
import { createWorld } from './world.ts';

it('is driven by the SDK’s client through a deployment and a task, nothing lost or misspelt on the way', async () => {
  const world = createWorld();
  const { clock, faults } = world;
  const random = createRandom('wire');
  const fault = (error: unknown): number => faults.push(error);
  const endpoint = await createEndpoint({ clock, random, services: { ecs: world.simulator }, fault });
  const client = new Ecs.ECSClient(
    inProcessClientConfiguration(endpoint, { caller: 'tester', clock, random }),
  );
  await world.createService(await world.pushAndRegister('v1'));
  await world.untilEvent('SERVICE_STEADY_STATE');
  const update = new Ecs.UpdateServiceCommand({
    cluster: 'prod',
    service: 'orders-a',
    desiredCount: 1,
    forceNewDeployment: true,
  });
  await client.send(update);
  await world.untilEvent('SERVICE_STEADY_STATE');
  const run = await client.send(
    new Ecs.RunTaskCommand({ cluster: 'prod', taskDefinition: 'orders', tags: [{ key: 'a', value: '1' }] }),
  );

  const { services } = await client.send(
    new Ecs.DescribeServicesCommand({ cluster: 'prod', services: ['orders-a', 'nope'], include: ['TAGS'] }),
  );
  const service = services?.[0];
  expect(service).toMatchObject({
    runningCount: 1,
    createdAt: expect.any(Date),
    deployments: [{ rolloutState: 'COMPLETED' }],
  });
  const serviceDeploymentArns = [service?.currentServiceDeployment ?? ''];
  const serviceRevisionArns = [service?.currentServiceRevisions?.[0]?.arn ?? ''];
  const { taskArns: tasks } = await client.send(new Ecs.ListTasksCommand({ cluster: 'prod' }));
  expect(tasks).toContain(run.tasks?.[0]?.taskArn);
  await client.send(new Ecs.DescribeTasksCommand({ cluster: 'prod', tasks, include: ['TAGS'] }));
  await client.send(new Ecs.StopTaskCommand({ cluster: 'prod', task: tasks?.[0] }));
  await client.send(new Ecs.DescribeTaskDefinitionCommand({ taskDefinition: 'orders', include: ['TAGS'] }));
  await client.send(new Ecs.ListServiceDeploymentsCommand({ cluster: 'prod', service: 'orders-a' }));
  await client.send(new Ecs.DescribeServiceDeploymentsCommand({ serviceDeploymentArns }));
  await client.send(new Ecs.DescribeServiceRevisionsCommand({ serviceRevisionArns }));
  await client.send(new Ecs.DescribeClustersCommand({ clusters: ['prod'], include: ['TAGS'] }));
  await client.send(new Ecs.DeleteServiceCommand({ cluster: 'prod', service: 'orders-a', force: true }));
  await client.send(new Ecs.DeregisterTaskDefinitionCommand({ taskDefinition: 'orders:1' }));
  const missing = client.send(new Ecs.UpdateServiceCommand({ cluster: 'prod', service: 'nope' }));
  await expect(missing).rejects.toBeInstanceOf(Ecs.ServiceNotFoundException);

  expect(faults).toEqual([]);
});
