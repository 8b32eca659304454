/** Least privilege, from the running machine: what the functions' roles grant is what deployments use, and no more. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

/** What changes the user's services and listeners; reads, and the table's own rows, have paths that few deployments take. */
const MUTATING = /^(ecs|elasticloadbalancing|iam|ecr|ssm|application-autoscaling):(?!Describe|List|Get)/;
/** Ends what outlasted its time, or answers for another: so few deployments come to it that none here does. */
const RARE = ['ecs:StopTask', 'ecs:ContinueServiceDeployment'];

/** `StopGreen` → what its role grants, and what of that it has used, over all deployments of a test. */
const roles = new Map<string, { granted: Set<string>; used: Set<string> }>();
beforeEach(() => roles.clear());

function note({ cloud, enforcement }: Bed): void {
  const callers = new Set(cloud.endpoint.calls.map(({ caller }) => caller));
  for (const caller of callers) {
    const [, state] = /SidestepSidestep(\w+?)Function/.exec(caller.replace(/-/g, '')) ?? [];
    if (state === undefined || !enforcement) continue;
    const role = roles.get(state) ?? { granted: new Set(), used: new Set() };
    const used = [...(enforcement.used.get(caller) ?? [])];
    for (const action of used) role.used.add(action);
    for (const action of [...used, ...enforcement.unused(caller)]) role.granted.add(action);
    roles.set(state, role);
  }
}

/** `StopGreen ecs:UpdateService` for every change that a role grants, that of `states` only, and nobody has made. */
function unusedChanges(states: readonly string[] = [...roles.keys()]): string[] {
  return states.flatMap((state) => {
    const { granted = new Set<string>(), used = new Set<string>() } = roles.get(state) ?? {};
    const unused = [...granted].filter((action) => !used.has(action));
    return unused
      .filter((action) => MUTATING.test(action) && !RARE.includes(action))
      .map((action) => `${state} ${action}`);
  });
}

async function deployed(
  tag: string,
  outcome: string,
  environment: Record<string, string> = {},
): Promise<void> {
  const { length } = await bed.deployments();
  await bed.push(tag, environment);
  await bed.until(async () => (await bed.deployments())[length]?.outcome === outcome, `${tag} is ${outcome}`);
}

const AUTOSCALED = { autoscaling: { min: 1, max: 6, policies: true } };
const DIES = { EXIT_CODE: '1', EXIT_AFTER_MS: '500' };

describe('roles', () => {
  it('grant no change of a service or a listener that the function does not make', async () => {
    bed = await makeBed({ world: AUTOSCALED });
    // Good; never healthy; stopped while it bakes and recovered; one that waits for its turn; the sweep in between.
    await bed.push('v2');
    await bed.untilState('Bake');
    await bed.push('v3', DIES);
    await bed.until(
      async () => (await bed.deployments()).some(({ outcome }) => outcome === 'ROLLBACK_SUCCESSFUL'),
      'v3',
    );
    await bed.untilEnded(3);
    await bed.push('v4');
    await bed.stopIn('Bake');
    await bed.untilEnded(5);
    note(bed);

    expect(roles.size).toBeGreaterThan(15);
    expect(unusedChanges()).toEqual([]);
  });

  it('grant none to the states of a migration and of blue that is kept', async () => {
    const migration = { command: ['sidestep:sample-app', 'task'] };
    bed = await makeBed({ world: AUTOSCALED, service: { migration, keepBlue: '10m' } });
    await deployed('v2', 'SUCCESSFUL');
    await bed.push('v3');
    await bed.untilState('Standby');
    await bed.pass(10);
    await bed.signal('rollback');
    await bed.untilEnded(2);
    note(bed);

    expect(roles.get('RunMigration')?.used).toContain('ecs:RunTask');
    expect(unusedChanges(['RunMigration', 'Standby'])).toEqual([]);
  });

  it('grant none to the states of recreate', async () => {
    bed = await makeBed({
      world: { ...AUTOSCALED, balanced: false, blueCount: 1 },
      service: {
        strategy: { type: 'recreate' },
        traffic: undefined,
        sides: [{ cluster: 'prod', service: 'orders-a' }],
        checks: { http: undefined },
      },
    });
    await deployed('v2', 'SUCCESSFUL');
    await deployed('v3', 'ROLLBACK_SUCCESSFUL', DIES);
    note(bed);

    expect(roles.get('StopBlue')?.used).toContain('ecs:UpdateService');
    expect(unusedChanges(['StopBlue', 'StartGreen', 'StopGreen', 'StartBlue', 'WaitForBlue'])).toEqual([]);
  });

  it("grant none to the states of ECS's own strategies", async () => {
    bed = await makeBed({
      world: { controller: 'native-blue-green' },
      service: {
        strategy: { type: 'native' },
        traffic: undefined,
        bake: undefined,
        sides: [{ cluster: 'prod', service: 'orders' }],
        checks: { http: undefined },
      },
    });
    await deployed('v2', 'SUCCESSFUL');
    await bed.push('v3');
    await bed.untilState('FollowServiceDeployment');
    await bed.pass(10);
    await bed.signal('abort');
    await bed.untilEnded(2);
    note(bed);

    expect(roles.get('StopServiceDeployment')?.used).toContain('ecs:StopServiceDeployment');
    expect(
      unusedChanges(['StartServiceDeployment', 'FollowServiceDeployment', 'StopServiceDeployment']),
    ).toEqual([]);
  });
});
