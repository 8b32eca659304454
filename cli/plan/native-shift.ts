/** The times that a native service's own settings give to ECS's strategy. Pure. */

export interface NativeSettings {
  readonly deploymentConfiguration?: {
    readonly strategy?: string;
    readonly bakeTimeInMinutes?: number;
    readonly linearConfiguration?: { readonly stepPercent?: number; readonly stepBakeTimeInMinutes?: number };
    readonly canaryConfiguration?: {
      readonly canaryPercent?: number;
      readonly canaryBakeTimeInMinutes?: number;
    };
    readonly lifecycleHooks?: readonly {
      readonly targetType?: string;
      readonly lifecycleStages?: readonly string[];
    }[];
  };
  readonly loadBalancers?: readonly {
    readonly advancedConfiguration?: { readonly productionListenerRule?: string };
  }[];
}

export interface NativeShift {
  readonly strategy: string;
  /** Steps below 100 %, each with its bake. */
  readonly steps: readonly { readonly percent: number; readonly bakeSeconds: number }[];
  readonly bakeSeconds: number;
  /** Stages at which ECS waits for an answer of ours. */
  readonly pauses: readonly string[];
  /** ECS holds each shift of a Network Load Balancer for ten minutes. */
  readonly isNetwork: boolean;
}

/** ECS's defaults (API reference, LinearConfiguration and CanaryConfiguration). */
const LINEAR = { stepPercent: 10, stepBakeTimeInMinutes: 6 };
const CANARY = { canaryPercent: 5, canaryBakeTimeInMinutes: 10 };

export function nativeShiftOf({
  deploymentConfiguration = {},
  loadBalancers = [],
}: NativeSettings): NativeShift {
  const { strategy = 'ROLLING', bakeTimeInMinutes = 0, lifecycleHooks = [] } = deploymentConfiguration;
  return {
    strategy,
    steps: stepsOf(deploymentConfiguration),
    bakeSeconds: bakeTimeInMinutes * 60,
    pauses: lifecycleHooks
      .filter(({ targetType }) => targetType === 'PAUSE')
      .flatMap(({ lifecycleStages = [] }) => lifecycleStages),
    isNetwork: loadBalancers.some(({ advancedConfiguration }) =>
      /:listener(-rule)?\/net\//.test(advancedConfiguration?.productionListenerRule ?? ''),
    ),
  };
}

function stepsOf({
  strategy,
  linearConfiguration,
  canaryConfiguration,
}: NonNullable<NativeSettings['deploymentConfiguration']>): NativeShift['steps'] {
  if (strategy === 'CANARY') {
    const { canaryPercent, canaryBakeTimeInMinutes } = { ...CANARY, ...canaryConfiguration };
    return [{ percent: canaryPercent, bakeSeconds: canaryBakeTimeInMinutes * 60 }];
  }
  if (strategy !== 'LINEAR') return [];
  const { stepPercent, stepBakeTimeInMinutes } = { ...LINEAR, ...linearConfiguration };
  return Array.from({ length: Math.ceil(100 / stepPercent) - 1 }, (_, index) => ({
    percent: Math.round((index + 1) * stepPercent * 10) / 10,
    bakeSeconds: stepBakeTimeInMinutes * 60,
  }));
}
