/** The one ECS service of a native world: on both target groups, shifted by ECS's own controller. */
import {
  type DeploymentConfiguration,
  type DeploymentLifecycleHook,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import type { Clients } from './clients.ts';
import {
  CLUSTER,
  CONTAINER,
  CONTAINER_PORT,
  INFRASTRUCTURE_ROLE_ARN,
  SERVICE,
  type SideName,
} from './names.ts';
import type { Controller, WorldOptions } from './options.ts';
import type { ServiceShape } from './services.ts';

/** The rules that ECS writes. */
export interface NativeRules {
  readonly productionRuleArn?: string | undefined;
  readonly testRuleArn?: string | undefined;
}

const STRATEGIES: Readonly<Record<Exclude<Controller, 'rolling'>, DeploymentConfiguration>> = {
  'native-blue-green': { strategy: 'BLUE_GREEN' },
  'native-linear': {
    strategy: 'LINEAR',
    linearConfiguration: { stepPercent: 25, stepBakeTimeInMinutes: 1 },
  },
  'native-canary': {
    strategy: 'CANARY',
    canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 1 },
  },
};

/** Gives the service its hooks, which starts no deployment. */
export async function addHooks(
  { ecs }: Pick<Clients, 'ecs'>,
  lifecycleHooks: DeploymentLifecycleHook[],
): Promise<void> {
  await ecs.send(
    new UpdateServiceCommand({
      cluster: CLUSTER,
      service: SERVICE,
      deploymentConfiguration: { lifecycleHooks },
    }),
  );
}

/** @throws Error if the traffic is not on rules, which the local ECS needs */
export function nativeServiceOf(
  {
    targetGroups,
    productionRuleArn,
    testRuleArn,
  }: NativeRules & { readonly targetGroups: Readonly<Record<SideName, string>> },
  { controller, blueCount, native, loadBalancer, placement }: Required<WorldOptions>,
): ServiceShape {
  if (controller === 'rolling' || productionRuleArn === undefined || testRuleArn === undefined) {
    const found = `controller '${controller}', load balancer '${loadBalancer}', placement '${placement}'`;
    throw new Error(`a native world has ${found}; allowed are a native controller, 'application' and 'rule'`);
  }
  return {
    serviceName: SERVICE,
    desiredCount: blueCount,
    loadBalancers: [
      {
        targetGroupArn: targetGroups['orders-a'],
        containerName: CONTAINER,
        containerPort: CONTAINER_PORT,
        advancedConfiguration: {
          alternateTargetGroupArn: targetGroups['orders-b'],
          productionListenerRule: productionRuleArn,
          testListenerRule: testRuleArn,
          roleArn: INFRASTRUCTURE_ROLE_ARN,
        },
      },
    ],
    deploymentConfiguration: {
      ...STRATEGIES[controller],
      bakeTimeInMinutes: 1,
      ...native,
    },
  };
}
