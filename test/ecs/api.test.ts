/** The ECS API as clients see it: task definitions, names, failures, errors, pages, tags, RunTask. */
import { describe, expect, it } from 'vitest';
import type { EcsApi } from '../../local/wire/models.ts';
import { createWorld, TARGET_GROUP, type World } from './world.ts';

const failing = (code: string) => expect.objectContaining({ code });

async function withService(world: World = createWorld()): Promise<World> {
  await world.createService(await world.pushAndRegister('v1'), { desiredCount: 1 });
  return world;
}

/** Every member that a careful service registers. */
const FULL: EcsApi.RegisterTaskDefinitionRequest = {
  family: 'orders',
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  taskRoleArn: 'arn:aws:iam::000000000000:role/orders-task',
  executionRoleArn: 'arn:aws:iam::000000000000:role/orders-execution',
  requiresCompatibilities: ['FARGATE'],
  runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
  ephemeralStorage: { sizeInGiB: 30 },
  volumes: [
    {
      name: 'scratch',
      efsVolumeConfiguration: { fileSystemId: 'fs-1', authorizationConfig: { iam: 'ENABLED' } },
    },
  ],
  proxyConfiguration: {
    type: 'APPMESH',
    containerName: 'envoy',
    properties: [{ name: 'ProxyIngressPort', value: '15000' }],
  },
  enableFaultInjection: true,
  containerDefinitions: [
    {
      name: 'app',
      image: 'registry.local/orders:v1',
      essential: true,
      portMappings: [{ containerPort: 8080, name: 'http', appProtocol: 'http' }],
      secrets: [{ name: 'DATABASE_URL', valueFrom: 'arn:aws:ssm:us-east-1:000000000000:parameter/db' }],
      dependsOn: [{ containerName: 'envoy', condition: 'HEALTHY' }],
      logConfiguration: {
        logDriver: 'awslogs',
        options: { 'awslogs-group': '/orders', 'awslogs-stream-prefix': 'ecs' },
      },
      stopTimeout: 60,
      linuxParameters: { initProcessEnabled: true },
      dockerLabels: { team: 'orders' },
      ulimits: [{ name: 'nofile', softLimit: 1024, hardLimit: 4096 }],
    },
    {
      name: 'envoy',
      image: 'registry.local/envoy:1',
      essential: false,
      healthCheck: { command: ['CMD', 'true'], interval: 5 },
    },
  ],
};

describe('task definitions', () => {
  it('are described with every member registered, and what ECS adds', async () => {
    const { ecs } = createWorld();
    const tags = [{ key: 'team', value: 'orders' }];
    await ecs.RegisterTaskDefinition({ ...FULL, tags });

    const { taskDefinition, tags: shown } = await ecs.DescribeTaskDefinition({
      taskDefinition: 'orders',
      include: ['TAGS'],
    });

    const { containerDefinitions = [], ...rest } = FULL;
    expect(taskDefinition).toMatchObject(rest);
    expect(taskDefinition?.containerDefinitions?.[0]).toMatchObject({
      ...containerDefinitions[0],
      portMappings: [
        { containerPort: 8080, hostPort: 8080, protocol: 'tcp', name: 'http', appProtocol: 'http' },
      ],
    });
    expect(taskDefinition?.containerDefinitions?.[1]).toMatchObject({
      ...containerDefinitions[1],
      cpu: 0,
      environment: [],
      mountPoints: [],
      volumesFrom: [],
    });
    expect(taskDefinition).toMatchObject({
      taskDefinitionArn: 'arn:aws:ecs:us-east-1:000000000000:task-definition/orders:1',
      revision: 1,
      status: 'ACTIVE',
      compatibilities: ['EC2', 'FARGATE'],
      requiresAttributes: expect.arrayContaining([{ name: 'ecs.capability.task-eni' }]),
      registeredAt: expect.any(Date),
      registeredBy: 'arn:aws:iam::000000000000:user/tester',
    });
    expect(shown).toEqual(tags);
    expect(taskDefinition).not.toHaveProperty('tags');
  });

  it('are not changed by what a caller does to an answer, or to the input afterwards', async () => {
    const { ecs } = createWorld();
    const input = structuredClone(FULL);
    const { taskDefinition: registered } = await ecs.RegisterTaskDefinition(input);
    for (const { containerDefinitions = [] } of [input, registered ?? {}])
      containerDefinitions[0] = { name: 'other' };

    const { taskDefinition } = await ecs.DescribeTaskDefinition({ taskDefinition: 'orders:1' });

    expect(taskDefinition?.containerDefinitions?.[0]?.name).toBe('app');
  });

  it('are found by family as the latest active revision, and stay describable when deregistered', async () => {
    const { ecs } = createWorld();
    for (let revision = 1; revision <= 3; revision += 1) await ecs.RegisterTaskDefinition(FULL);
    await ecs.DeregisterTaskDefinition({ taskDefinition: 'orders:3' });

    const describe = async (taskDefinition: string) =>
      (await ecs.DescribeTaskDefinition({ taskDefinition })).taskDefinition;
    expect((await describe('orders'))?.revision).toBe(2);
    expect(await describe('orders:3')).toMatchObject({
      status: 'INACTIVE',
      deregisteredAt: expect.any(Date),
    });
    expect((await describe('arn:aws:ecs:us-east-1:000000000000:task-definition/orders:1'))?.revision).toBe(1);
    await ecs.RegisterTaskDefinition(FULL);
    expect((await describe('orders'))?.revision).toBe(4);
  });

  it('are listed in pages, by family and status', async () => {
    const { ecs } = createWorld();
    for (const family of ['b', 'a', 'a', 'ab']) await ecs.RegisterTaskDefinition({ ...FULL, family });
    await ecs.DeregisterTaskDefinition({ taskDefinition: 'ab:1' });
    const names = ({ taskDefinitionArns = [] }: EcsApi.ListTaskDefinitionsResponse) =>
      taskDefinitionArns.map((arn) => arn.split('/')[1]);

    const first = await ecs.ListTaskDefinitions({ maxResults: 2 });
    expect(names(first)).toEqual(['a:1', 'a:2']);
    expect(names(await ecs.ListTaskDefinitions({ maxResults: 2, nextToken: first.nextToken }))).toEqual([
      'b:1',
    ]);
    expect(names(await ecs.ListTaskDefinitions({ familyPrefix: 'a', sort: 'DESC' }))).toEqual(['a:2', 'a:1']);
    expect(names(await ecs.ListTaskDefinitions({ status: 'INACTIVE' }))).toEqual(['ab:1']);
    expect((await ecs.ListTaskDefinitionFamilies({ familyPrefix: 'a', status: 'ALL' })).families).toEqual([
      'a',
      'ab',
    ]);
    expect((await ecs.ListTaskDefinitionFamilies({})).families).toEqual(['a', 'b']);
  });

  it.each([
    ['a bad family', { family: 'or ders' }],
    ['no container', { containerDefinitions: [] }],
    ['a container without an image', { containerDefinitions: [{ name: 'app' }] }],
    [
      'two containers of one name',
      {
        containerDefinitions: [
          { name: 'a', image: 'i' },
          { name: 'a', image: 'i' },
        ],
      },
    ],
    ['no essential container', { containerDefinitions: [{ name: 'a', image: 'i', essential: false }] }],
  ])('are refused with %s', async (_, input) => {
    await expect(createWorld().ecs.RegisterTaskDefinition({ ...FULL, ...input })).rejects.toEqual(
      failing('ClientException'),
    );
  });
});

describe('names', () => {
  it('may be ARNs wherever ECS takes both', async () => {
    const { ecs } = await withService();
    const cluster = 'arn:aws:ecs:us-east-1:000000000000:cluster/prod';
    const service = 'arn:aws:ecs:us-east-1:000000000000:service/prod/orders-a';

    expect((await ecs.DescribeServices({ cluster, services: [service] })).services).toHaveLength(1);
    expect((await ecs.ListServices({ cluster })).serviceArns).toEqual([service]);
    expect((await ecs.UpdateService({ cluster, service, desiredCount: 0 })).service?.desiredCount).toBe(0);
  });

  it('that mean nothing are failures in a description, and errors in a change', async () => {
    const { ecs } = await withService();

    expect(await ecs.DescribeServices({ cluster: 'prod', services: ['nope', 'orders-a'] })).toMatchObject({
      services: [{ serviceName: 'orders-a' }],
      failures: [{ arn: 'arn:aws:ecs:us-east-1:000000000000:service/prod/nope', reason: 'MISSING' }],
    });
    expect((await ecs.DescribeTasks({ cluster: 'prod', tasks: ['0123'] })).failures).toMatchObject([
      { reason: 'MISSING' },
    ]);
    await expect(ecs.DescribeServices({ cluster: 'nope', services: ['x'] })).rejects.toEqual(
      failing('ClusterNotFoundException'),
    );
    await expect(ecs.UpdateService({ cluster: 'prod', service: 'nope' })).rejects.toEqual(
      failing('ServiceNotFoundException'),
    );
    await expect(ecs.ListTasks({ cluster: 'prod', serviceName: 'nope' })).rejects.toEqual(
      failing('ServiceNotFoundException'),
    );
    await expect(ecs.StopTask({ cluster: 'prod', task: '0123' })).rejects.toEqual(
      failing('InvalidParameterException'),
    );
  });
});

describe('UpdateService', () => {
  it.each([
    ['a deregistered task definition', { taskDefinition: 'orders:2' }, 'ClientException'],
    ['a task definition that never was', { taskDefinition: 'orders:9' }, 'ClientException'],
    [
      'a container that the definition lacks',
      { loadBalancers: [{ targetGroupArn: TARGET_GROUP, containerName: 'web', containerPort: 80 }] },
      'InvalidParameterException',
    ],
    [
      'a negative count',
      { desiredCount: -1, deploymentConfiguration: { maximumPercent: 150 } },
      'InvalidParameterException',
    ],
    [
      'a native strategy without an alternate target group',
      { deploymentConfiguration: { strategy: 'BLUE_GREEN' as const, bakeTimeInMinutes: 1 } },
      'InvalidParameterException',
    ],
    [
      'a controller that is not emulated',
      { deploymentController: { type: 'CODE_DEPLOY' as const } },
      'NotImplemented',
    ],
    [
      'deployment alarms',
      { deploymentConfiguration: { alarms: { enable: true, rollback: true, alarmNames: ['a'] } } },
      'NotImplemented',
    ],
  ])('refuses %s, and changes nothing', async (_, input, code) => {
    const world = await withService();
    await world.pushAndRegister('v2');
    await world.ecs.DeregisterTaskDefinition({ taskDefinition: 'orders:2' });
    const before = await world.service();

    await expect(world.update({ desiredCount: 5, ...input })).rejects.toEqual(failing(code));

    expect(await world.service()).toEqual(before);
  });
});

describe('CreateService', () => {
  it('is done once per client token, and refused for a name that is taken', async () => {
    const world = createWorld();
    const taskDefinition = await world.pushAndRegister('v1');
    await world.createService(taskDefinition, { clientToken: 't-1' });
    const { serviceArn, deployments } = await world.service();

    await world.createService(taskDefinition, { clientToken: 't-1' });

    expect(await world.service()).toMatchObject({ serviceArn, deployments });
    await expect(world.createService(taskDefinition, { clientToken: 't-2' })).rejects.toEqual(
      failing('InvalidParameterException'),
    );
  });
});

describe('DeleteService', () => {
  it('needs a count of 0 or force, drains, and ends INACTIVE', async () => {
    const world = await withService();
    await world.untilEvent('SERVICE_STEADY_STATE');
    const service = { cluster: 'prod', service: 'orders-a' };

    await expect(world.ecs.DeleteService(service)).rejects.toEqual(failing('InvalidParameterException'));
    expect((await world.ecs.DeleteService({ ...service, force: true })).service?.status).toBe('DRAINING');
    await expect(world.ecs.UpdateService(service)).rejects.toEqual(failing('ServiceNotActiveException'));
    await expect(world.ecs.DeleteCluster({ cluster: 'prod' })).rejects.toEqual(
      failing('ClusterContainsServicesException'),
    );

    await world.runMs(120_000);
    expect((await world.service()).status).toBe('INACTIVE');
    expect((await world.ecs.ListServices({ cluster: 'prod' })).serviceArns).toEqual([]);
    await world.createService('orders:1');
    expect((await world.service()).status).toBe('ACTIVE');
  });
});

describe('ListTasks', () => {
  it('filters by service, family, startedBy and desired status', async () => {
    const world = await withService();
    await world.untilEvent('SERVICE_STEADY_STATE');
    await world.ecs.RunTask({ cluster: 'prod', taskDefinition: 'orders', startedBy: 'me', count: 2 });
    const list = async (input: EcsApi.ListTasksRequest) =>
      (await world.ecs.ListTasks({ cluster: 'prod', ...input })).taskArns?.length;

    expect(await list({})).toBe(3);
    expect(await list({ serviceName: 'orders-a' })).toBe(1);
    expect(await list({ startedBy: 'me' })).toBe(2);
    expect(await list({ startedBy: (await world.primary()).id })).toBe(1);
    expect(await list({ family: 'orders' })).toBe(3);
    expect(await list({ desiredStatus: 'STOPPED' })).toBe(0);
    await expect(list({ startedBy: 'me', serviceName: 'orders-a' })).rejects.toEqual(
      failing('InvalidParameterException'),
    );
  });

  it('gives pages that cover everything once', async () => {
    const world = await withService();
    await world.ecs.RunTask({ cluster: 'prod', taskDefinition: 'orders', count: 5 });
    const seen: string[] = [];
    let nextToken: string | undefined;
    do {
      const answer = await world.ecs.ListTasks({ cluster: 'prod', maxResults: 2, nextToken });
      expect(answer.taskArns?.length).toBeLessThanOrEqual(2);
      seen.push(...(answer.taskArns ?? []));
      nextToken = answer.nextToken;
    } while (nextToken);

    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  });
});

describe('a cluster', () => {
  it('counts its tasks, and cannot be deleted while it has any', async () => {
    const world = createWorld();
    await world.ecs.CreateCluster({ clusterName: 'prod', tags: [{ key: 'a', value: '1' }] });
    await world.pushAndRegister('v1');
    await world.ecs.RunTask({ cluster: 'prod', taskDefinition: 'orders' });
    await world.runMs(10_000);

    const { clusters, failures } = await world.ecs.DescribeClusters({ clusters: ['prod', 'nope'] });
    expect(clusters).toMatchObject([
      { clusterName: 'prod', status: 'ACTIVE', runningTasksCount: 1, activeServicesCount: 0 },
    ]);
    expect(failures).toMatchObject([{ reason: 'MISSING' }]);
    await expect(world.ecs.DeleteCluster({ cluster: 'prod' })).rejects.toEqual(
      failing('ClusterContainsTasksException'),
    );
  });
});

describe('RunTask', () => {
  const migration = {
    cluster: 'prod',
    taskDefinition: 'orders',
    overrides: { containerOverrides: [{ name: 'app', environment: [{ name: 'EXIT_CODE', value: '0' }] }] },
  };

  it('runs a task to its end, with overrides, and keeps the exit code and the log', async () => {
    const world = await withService();
    const logConfiguration = {
      logDriver: 'awslogs' as const,
      options: { 'awslogs-group': '/migrations', 'awslogs-stream-prefix': 'run' },
    };
    await world.register('registry.local/orders:v1', { logConfiguration });

    const { tasks: [task] = [] } = await world.ecs.RunTask(migration);
    expect(task).toMatchObject({ lastStatus: 'PROVISIONING', group: 'family:orders' });
    await world.runMs(60_000);

    const { tasks } = await world.ecs.DescribeTasks({ cluster: 'prod', tasks: [task?.taskArn ?? ''] });
    expect(tasks).toMatchObject([
      { lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited', containers: [{ exitCode: 0 }] },
    ]);
    const id = task?.taskArn?.split('/').at(-1);
    expect(world.logs).toContainEqual({ group: '/migrations', stream: `run/app/${id}`, line: 'done' });
  });

  it('runs once per client token, and refuses the token with other parameters', async () => {
    const world = await withService();
    const first = await world.ecs.RunTask({ ...migration, clientToken: 't' });

    const again = await world.ecs.RunTask({ ...migration, clientToken: 't' });
    expect(again.tasks?.[0]?.taskArn).toBe(first.tasks?.[0]?.taskArn);
    await expect(world.ecs.RunTask({ ...migration, clientToken: 't', count: 2 })).rejects.toEqual(
      failing('ConflictException'),
    );

    await world.runMs(3_700_000);
    const later = await world.ecs.RunTask({ ...migration, clientToken: 't' });
    expect(later.tasks?.[0]?.taskArn).not.toBe(first.tasks?.[0]?.taskArn);
  });

  it.each([
    ['eleven tasks', { count: 11 }],
    [
      'an override of a container that is not there',
      { overrides: { containerOverrides: [{ name: 'web' }] } },
    ],
    ['overrides beyond 8192 characters', { overrides: { taskRoleArn: 'x'.repeat(8_200) } }],
  ])('refuses %s', async (_, input) => {
    const world = await withService();

    await expect(world.ecs.RunTask({ ...migration, ...input })).rejects.toEqual(
      failing('InvalidParameterException'),
    );
  });
});

describe('StopTask', () => {
  it('deregisters and sends the stop signal at once, without a drain', async () => {
    const world = await withService();
    await world.untilEvent('SERVICE_STEADY_STATE');
    const [task] = await world.tasks();

    await world.ecs.StopTask({ cluster: 'prod', task: task?.taskArn, reason: 'by hand' });
    await world.until(() => world.events.some(({ detail }) => detail.lastStatus === 'STOPPED'));

    expect(world.balancer.log.map(({ what }) => what)).not.toContain('unused');
    expect(await world.tasks('STOPPED')).toMatchObject([
      { stopCode: 'UserInitiated', stoppedReason: 'by hand' },
    ]);
  });
});

describe('a task stopped before it runs', () => {
  it.each([
    ['its network is made', 500, []],
    ['its container starts', 1_020, ['STOPPING']],
  ])('ends without ever RUNNING while %s', async (_, ms, more) => {
    const world = createWorld();
    await world.ecs.CreateCluster({ clusterName: 'prod' });
    await world.pushAndRegister('v1');
    const { tasks: [task] = [] } = await world.ecs.RunTask({ cluster: 'prod', taskDefinition: 'orders' });
    await world.runMs(ms);

    await world.ecs.StopTask({ cluster: 'prod', task: task?.taskArn });
    await world.runMs(60_000);

    const statuses = world.events.map(({ detail }) => detail.lastStatus);
    const before = ms < 1_000 ? ['PROVISIONING'] : ['PROVISIONING', 'PENDING'];
    expect(statuses).toEqual([...before, ...more, 'DEPROVISIONING', 'STOPPED']);
  });
});

describe('tags', () => {
  it('are kept for clusters, services, definitions and tasks, and shown only when asked for', async () => {
    const world = await withService();
    const resourceArn = (await world.service()).serviceArn;

    await world.ecs.TagResource({
      resourceArn,
      tags: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
    });
    await world.ecs.UntagResource({ resourceArn, tagKeys: ['a'] });

    expect((await world.ecs.ListTagsForResource({ resourceArn })).tags).toEqual([{ key: 'b', value: '2' }]);
    const described = await world.ecs.DescribeServices({
      cluster: 'prod',
      services: ['orders-a'],
      include: ['TAGS'],
    });
    expect(described.services?.[0]?.tags).toEqual([{ key: 'b', value: '2' }]);
    expect((await world.service()).tags).toBeUndefined();
    await expect(world.ecs.TagResource({ resourceArn: `${resourceArn}x`, tags: [] })).rejects.toEqual(
      failing('InvalidParameterException'),
    );
  });
});

describe('service deployments and revisions', () => {
  it('are described from the service on, the newest first, with the digests that run', async () => {
    const world = await withService();
    await world.untilEvent('SERVICE_STEADY_STATE');
    await world.update({ taskDefinition: await world.pushAndRegister('v2') });
    await world.untilEvent('SERVICE_STEADY_STATE');

    const { currentServiceDeployment, currentServiceRevisions = [] } = await world.service();
    const { serviceDeployments = [] } = await world.ecs.ListServiceDeployments({
      cluster: 'prod',
      service: 'orders-a',
    });
    expect(serviceDeployments.map(({ status }) => status)).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
    expect(serviceDeployments[0]?.serviceDeploymentArn).toBe(currentServiceDeployment);
    expect(
      (await world.ecs.ListServiceDeployments({ cluster: 'prod', service: 'orders-a', status: ['STOPPED'] }))
        .serviceDeployments,
    ).toEqual([]);

    const { serviceRevisions } = await world.ecs.DescribeServiceRevisions({
      serviceRevisionArns: [currentServiceRevisions[0]?.arn ?? '', 'arn:x'],
    });
    expect(serviceRevisions).toMatchObject([
      {
        taskDefinition: expect.stringMatching(/orders:2$/),
        containerImages: [
          { containerName: 'app', imageDigest: world.images.get('registry.local/orders:v2')?.digest },
        ],
        resolvedConfiguration: { loadBalancers: [{ targetGroupArn: TARGET_GROUP }] },
      },
    ]);
    const { serviceDeployments: full } = await world.ecs.DescribeServiceDeployments({
      serviceDeploymentArns: [currentServiceDeployment ?? ''],
    });
    expect(full).toMatchObject([
      {
        targetServiceRevision: {
          arn: currentServiceRevisions[0]?.arn,
          requestedTaskCount: 1,
          runningTaskCount: 1,
        },
        sourceServiceRevisions: [{ requestedTaskCount: 0 }],
      },
    ]);
  });
});
