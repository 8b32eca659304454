/** Network Load Balancers: what is kept and shown, whom connections go to, and when they are closed. */
import { describe, expect, it } from 'vitest';
import type { Elbv2Api } from '../../local/wire/models.ts';
import { createWorld, forward, HOST, LISTENER_PORT, makeGroup } from './world.ts';

const GROUP = { Protocol: 'TCP', Port: 80, TargetType: 'ip', HealthCheckIntervalSeconds: 10 } as const;

/** A Network Load Balancer with one listener that forwards to blue, and green at weight 0. */
async function createGate(
  health: Partial<Elbv2Api.CreateTargetGroupInput> = { HealthCheckTimeoutSeconds: 5 },
) {
  const world = createWorld();
  const { call } = world;
  const created = await call('CreateLoadBalancer', { Name: 'gate', Type: 'network' });
  const lb = created.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const group = async (Name: string): Promise<string> =>
    (await call('CreateTargetGroup', { ...GROUP, ...health, Name })).TargetGroups?.[0]?.TargetGroupArn ?? '';
  const [blue, green] = [await group('blue'), await group('green')];
  const { Listeners } = await call('CreateListener', {
    LoadBalancerArn: lb,
    Protocol: 'TCP',
    Port: LISTENER_PORT,
    DefaultActions: [forward({ [blue]: 1, [green]: 0 })],
  });
  const listener = Listeners?.[0]?.ListenerArn ?? '';
  const shift = (weights: Record<string, number>) =>
    call('ModifyListener', { ListenerArn: listener, DefaultActions: [forward(weights)] });
  const delay = (seconds: number) =>
    call('ModifyTargetGroupAttributes', {
      TargetGroupArn: blue,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(seconds) }],
    });
  return { ...world, lb, blue, green, listener, shift, delay };
}

type Gate = Awaited<ReturnType<typeof createGate>>;

async function serve({ call, apps, pass }: Gate, group: string, port: number, durationMs = 0): Promise<void> {
  apps.set(port, { statusCode: 200, durationMs });
  await call('RegisterTargets', { TargetGroupArn: group, Targets: [{ Id: HOST, Port: port }] });
  await pass(15_000);
}

/** One connection whose answer takes as long as the application's; `isOver` once it has ended. */
function hold({ plane, clock }: Gate) {
  const startedMs = clock.now();
  let end: { statusCode: number; madeBy: string; ms: number } | undefined;
  void plane.request(LISTENER_PORT, { path: '/' }).then(({ statusCode, madeBy }) => {
    end = { statusCode, madeBy, ms: clock.now() - startedMs };
  });
  return { end: () => end };
}

describe('a Network Load Balancer', () => {
  it('shows its type, its ARN, its TCP listener and its groups', async () => {
    const { call, lb, blue, green, listener } = await createGate();
    expect(lb).toMatch(/:loadbalancer\/net\/gate\/[0-9a-f]{16}$/);
    expect(listener).toMatch(/:listener\/net\/gate\/[0-9a-f]{16}\/[0-9a-f]{16}$/);
    const { LoadBalancers } = await call('DescribeLoadBalancers', { Names: ['gate'] });
    expect(LoadBalancers).toMatchObject([
      { LoadBalancerArn: lb, Type: 'network', State: { Code: 'active' } },
    ]);
    const { Listeners } = await call('DescribeListeners', { LoadBalancerArn: lb });
    expect(Listeners).toMatchObject([
      {
        ListenerArn: listener,
        Protocol: 'TCP',
        DefaultActions: [
          {
            Type: 'forward',
            ForwardConfig: {
              TargetGroups: [
                { TargetGroupArn: blue, Weight: 1 },
                { TargetGroupArn: green, Weight: 0 },
              ],
            },
          },
        ],
      },
    ]);
    const { TargetGroups } = await call('DescribeTargetGroups', { LoadBalancerArn: lb });
    expect(TargetGroups).toMatchObject([
      { TargetGroupName: 'blue', Protocol: 'TCP', HealthCheckProtocol: 'TCP', LoadBalancerArns: [lb] },
      { TargetGroupName: 'green' },
    ]);
    expect(TargetGroups?.[0]).not.toHaveProperty('Matcher');
    const { Attributes } = await call('DescribeTargetGroupAttributes', { TargetGroupArn: blue });
    expect(Attributes).toContainEqual({
      Key: 'deregistration_delay.connection_termination.enabled',
      Value: 'false',
    });
  });

  it('has AWS’s defaults for health checks by TCP and by HTTP', async () => {
    const { call } = createWorld();
    const make = async (Name: string, HealthCheckProtocol?: 'HTTP') =>
      (await call('CreateTargetGroup', { Name, Protocol: 'TCP', Port: 80, HealthCheckProtocol }))
        .TargetGroups?.[0];
    expect(await make('a')).toMatchObject({ HealthCheckTimeoutSeconds: 10, HealthCheckIntervalSeconds: 30 });
    expect(await make('b', 'HTTP')).toMatchObject({
      HealthCheckTimeoutSeconds: 6,
      HealthCheckPath: '/',
      Matcher: { HttpCode: '200-399' },
    });
  });

  it('refuses what only Application Load Balancers have, and what is not emulated', async () => {
    const gate = await createGate();
    const { call, lb, blue, listener } = gate;
    const http = await makeGroup(gate, 'http');
    const listen = (input: Partial<Elbv2Api.CreateListenerInput>) =>
      call('CreateListener', {
        LoadBalancerArn: lb,
        Port: 81,
        Protocol: 'TCP',
        DefaultActions: [forward({ [blue]: 1 })],
        ...input,
      });
    await expect(listen({ Protocol: 'HTTP' })).rejects.toMatchObject({
      code: 'UnsupportedProtocolException',
    });
    await expect(listen({ Protocol: 'TLS' })).rejects.toMatchObject({ code: 'NotImplemented' });
    await expect(listen({ DefaultActions: [forward({ [http]: 1 })] })).rejects.toMatchObject({
      code: 'IncompatibleProtocolsException',
    });
    const fixed = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } } as const;
    await expect(listen({ DefaultActions: [fixed] })).rejects.toMatchObject({
      code: 'InvalidLoadBalancerActionException',
    });
    await expect(
      call('CreateRule', {
        ListenerArn: listener,
        Priority: 1,
        Conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
        Actions: [forward({ [blue]: 1 })],
      }),
    ).rejects.toMatchObject({ code: 'NotImplemented' });
    await expect(call('CreateLoadBalancer', { Name: 'gate' })).rejects.toMatchObject({
      code: 'DuplicateLoadBalancerNameException',
    });
  });

  it('keeps TCP groups away from Application Load Balancers', async () => {
    const { call, blue } = await createGate();
    const { LoadBalancers } = await call('CreateLoadBalancer', { Name: 'web' });
    await expect(
      call('CreateListener', {
        LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 81,
        DefaultActions: [forward({ [blue]: 1 })],
      }),
    ).rejects.toMatchObject({ code: 'IncompatibleProtocolsException' });
  });
});

describe('health', () => {
  it('by TCP asks no more than a connection: an application that answers 500 is healthy', async () => {
    const gate = await createGate();
    gate.apps.set(1, { statusCode: 500, durationMs: 0 });
    const Targets = [
      { Id: HOST, Port: 1 },
      { Id: HOST, Port: 2 },
    ];
    await gate.call('RegisterTargets', { TargetGroupArn: gate.blue, Targets });
    await gate.pass(30_000);
    expect(gate.stateOf(gate.blue, 1)).toBe('healthy');
    expect(gate.stateOf(gate.blue, 2)).toBe('unhealthy Target.FailedHealthChecks');
  });

  it('by HTTP asks for a status', async () => {
    const gate = await createGate({ HealthCheckProtocol: 'HTTP', Matcher: { HttpCode: '200-399' } });
    gate.apps.set(1, { statusCode: 500, durationMs: 0 });
    await gate.call('RegisterTargets', { TargetGroupArn: gate.blue, Targets: [{ Id: HOST, Port: 1 }] });
    await gate.pass(30_000);
    expect(gate.stateOf(gate.blue, 1)).toBe('unhealthy Target.ResponseCodeMismatch');
    gate.apps.set(1, { statusCode: 302, durationMs: 0 });
    await gate.pass(60_000);
    expect(gate.stateOf(gate.blue, 1)).toBe('healthy');
  });
});

describe('connections', () => {
  it('follow the weights once they have propagated', async () => {
    const gate = await createGate();
    await serve(gate, gate.blue, 1);
    await serve(gate, gate.green, 2);
    await gate.shift({ [gate.blue]: 0, [gate.green]: 1 });
    expect(await gate.send(5)).toEqual({ 1: 5 });
    await gate.pass(1_000);
    expect(await gate.send(5)).toEqual({ 2: 5 });
  });

  it('to a group without weight go on for its deregistration delay, and are closed then', async () => {
    const gate = await createGate();
    await gate.delay(60);
    await serve(gate, gate.blue, 1, 200_000);
    const connection = hold(gate);
    await gate.shift({ [gate.blue]: 0, [gate.green]: 1 });
    await gate.pass(60_000);
    expect(connection.end()).toBeUndefined();
    await gate.pass(1_500);
    expect(connection.end()).toEqual({ statusCode: 0, madeBy: 'nobody', ms: 61_000 });
  });

  it('are kept if the group gets weight again in time', async () => {
    const gate = await createGate();
    await gate.delay(60);
    await serve(gate, gate.blue, 1, 200_000);
    const connection = hold(gate);
    await gate.shift({ [gate.blue]: 0, [gate.green]: 1 });
    await gate.pass(30_000);
    await gate.shift({ [gate.blue]: 1, [gate.green]: 0 });
    await gate.pass(180_000);
    expect(connection.end()).toEqual({ statusCode: 200, madeBy: 'target', ms: 200_000 });
  });

  it('of a deregistered target outlive its delay, unless its group says otherwise', async () => {
    for (const terminates of [false, true]) {
      const gate = await createGate();
      await gate.delay(10);
      const Key = 'deregistration_delay.connection_termination.enabled';
      const Attributes = [{ Key, Value: String(terminates) }];
      await gate.call('ModifyTargetGroupAttributes', { TargetGroupArn: gate.blue, Attributes });
      await serve(gate, gate.blue, 1, 60_000);
      const connection = hold(gate);
      await gate.call('DeregisterTargets', { TargetGroupArn: gate.blue, Targets: [{ Id: HOST }] });
      expect(gate.stateOf(gate.blue, 1)).toContain('draining');
      expect(await gate.send(1)).toEqual({ 0: 1 });
      await gate.pass(61_000);
      expect(connection.end()?.ms).toBe(terminates ? 10_000 : 60_000);
    }
  });

  it('to a target that turns unhealthy are closed', async () => {
    const gate = await createGate({ HealthCheckProtocol: 'HTTP', HealthCheckTimeoutSeconds: 2 });
    await serve(gate, gate.blue, 1, 200);
    gate.apps.set(1, { statusCode: 200, durationMs: 300_000 });
    const connection = hold(gate);
    await gate.pass(60_000);
    expect(gate.stateOf(gate.blue, 1)).toBe('unhealthy Target.Timeout');
    expect(connection.end()).toMatchObject({ madeBy: 'nobody' });
  });
});

it('has the metrics of a Network Load Balancer, and no others', async () => {
  const gate = await createGate();
  await serve(gate, gate.blue, 1);
  expect(await gate.send(3)).toEqual({ 1: 3 });
  gate.apps.delete(1);
  expect(await gate.send(2)).toEqual({ 0: 2 });
  await gate.pass(10_000);
  const sum = (metric: string) =>
    gate.metrics.get(`AWS/NetworkELB ${metric} LoadBalancer`)?.reduce((a, b) => a + b, 0);
  expect(sum('NewFlowCount')).toBe(5);
  expect(sum('NewFlowCount_TCP')).toBe(5);
  expect(sum('ActiveFlowCount')).toBe(0);
  expect(sum('ProcessedBytes')).toBe(3);
  expect(sum('TCP_Target_Reset_Count')).toBe(2);
  expect(gate.metrics.get('AWS/NetworkELB HealthyHostCount TargetGroup LoadBalancer')).toContain(1);
  expect([...gate.metrics.keys()].filter((key) => !key.startsWith('AWS/NetworkELB'))).toEqual([]);
  expect(gate.faults).toEqual([]);
});
