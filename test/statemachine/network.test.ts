/** Behind a Network Load Balancer: the listener itself is shifted, and each shift is held for as long as it takes effect. */
import { DescribeListenersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, it } from 'vitest';
import { startVirtualLoad } from '../../local/load/index.ts';
import * as names from '../../local/world/names.ts';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const NETWORK_SERVICE = {
  traffic: { rules: undefined, testRule: undefined, listener: names.NETWORK_PRODUCTION_LISTENER_ARN },
  checks: { http: [], alarms: [names.NETWORK_ALARM] },
};

const makeNetworkBed = async (service: Record<string, unknown> = {}): Promise<void> => {
  bed = await makeBed({ world: { loadBalancer: 'network' }, service: { ...NETWORK_SERVICE, ...service } });
};

const load = () =>
  startVirtualLoad({
    clock: bed.cloud.clock,
    plane: bed.cloud.plane,
    listenerPort: 8080,
    ratePerSecond: 10,
    maxSeconds: 7_200,
  });

/** When each shift was written, and when blue began to drain. */
function watchShifts(): number[] {
  const times: number[] = [];
  bed.cloud.states.onHistoryEvent((_, { type, stateExitedEventDetails, stateEnteredEventDetails }) => {
    const isShift = type === 'TaskStateExited' && stateExitedEventDetails?.name === 'ModifyListener';
    if (isShift || stateEnteredEventDetails?.name === 'DrainBlue') times.push(bed.cloud.clock.now());
  });
  return times;
}

describe('a Network Load Balancer', () => {
  it('is shifted at its listener, and blue stays for ten minutes however short the bake', async () => {
    await makeNetworkBed({ bake: '30s' });
    const times = watchShifts();
    const run = load();
    await bed.push('v2');

    const [execution] = await bed.untilEnded();

    expect(execution).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    const [shiftMs = 0, drainMs = 0] = times;
    expect(drainMs - shiftMs).toBeGreaterThanOrEqual(600_000);
    const [blue, green] = await bed.sides();
    expect(blue).toMatchObject({ percent: 0, runningCount: 0 });
    expect(green).toMatchObject({ percent: 100, healthyCount: 2 });
    expect(await run.stop()).toMatchObject({ failed: 0, failedByApplication: 0 });
  });

  it('is held after every step of a canary', async () => {
    await makeNetworkBed({ strategy: { type: 'canary', percent: 10, bake: '1m' }, bake: '15m' });
    const times = watchShifts();
    await bed.push('v2');
    await bed.untilEnded();
    const [first = 0, second = 0, drain = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(600_000);
    expect(drain - second).toBeGreaterThanOrEqual(900_000);
    const [record] = await bed.deployments();
    expect(record?.trafficSteps.map(({ bakeSeconds }) => bakeSeconds)).toEqual([600, 900]);
  });

  it('is let go earlier by a person', async () => {
    await makeNetworkBed({ bake: '30s' });
    const times = watchShifts();
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.pass(60);
    expect(await bed.signal('promote')).toMatchObject({ signal: 'promote' });
    expect((await bed.untilEnded())[0]).toMatchObject({ output: { outcome: 'SUCCESSFUL' } });
    const [shiftMs = 0, drainMs = 0] = times;
    expect(drainMs - shiftMs).toBeLessThan(120_000);
  });

  it('goes back in one write when green fails, and to the weights that it had', async () => {
    await makeNetworkBed({ bake: '30s' });
    await bed.push('v2', { EXIT_CODE: '1', EXIT_AFTER_MS: '120000' });
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({ error: 'ROLLBACK_SUCCESSFUL' });
    const [blue, green] = await bed.sides();
    expect(blue).toMatchObject({ percent: 100, healthyCount: 2 });
    expect(green).toMatchObject({ percent: 0, runningCount: 0 });
    const { Listeners = [] } = await bed.clients.elbv2.send(
      new DescribeListenersCommand({ ListenerArns: [names.NETWORK_PRODUCTION_LISTENER_ARN] }),
    );
    expect(Listeners[0]).toMatchObject({ Protocol: 'TCP' });
    const restored = bed.cloud.endpoint.calls.filter(
      ({ operation, caller }) => operation === 'ModifyListener' && /SidestepRestoreListener/.test(caller),
    );
    expect(restored).toHaveLength(1);
  });

  it('goes back when connections are reset', async () => {
    await makeNetworkBed({ bake: '30s' });
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.pass(30);
    const { SetAlarmStateCommand } = await import('@aws-sdk/client-cloudwatch');
    await bed.clients.cloudwatch.send(
      new SetAlarmStateCommand({
        AlarmName: names.NETWORK_ALARM,
        StateValue: 'ALARM',
        StateReason: 'resets',
      }),
    );
    const [execution] = await bed.untilEnded();
    expect(execution).toMatchObject({
      error: 'ROLLBACK_SUCCESSFUL',
      cause: expect.stringContaining(names.NETWORK_ALARM),
    });
    expect((await bed.sides())[0]).toMatchObject({ percent: 100, healthyCount: 2 });
  });

  it('is refused with a deadline that its holds alone overrun', async () => {
    await expect(
      makeNetworkBed({ bake: '30s', deadline: '9m', strategy: { type: 'all-at-once' } }),
    ).rejects.toThrow(/deadline: found '9m', allowed: at least 600s/);
  });
});
