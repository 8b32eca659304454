/** The ground truth about traffic: what the load balancer does now, not what anybody last read. */
import type { PlaneConfiguration, PlaneRule } from '../../local/dataplane/data-plane.ts';
import type { SideName } from '../../local/world/names.ts';
import type { Setting } from './setting.ts';

export interface TrafficTruth {
  /** The very object, which is replaced at each change. */
  readonly configuration: PlaneConfiguration;
  /** Weights of the production place, by side; 0 if not attached. */
  readonly weights: Readonly<Record<SideName, number>>;
  /** Healthy targets, by side. */
  readonly healthy: Readonly<Record<SideName, number>>;
}

export type ReadTruth = () => TrafficTruth;

export function truthOf({
  cloud,
  world,
  productionPlaceArn,
}: Pick<Setting, 'cloud' | 'world' | 'productionPlaceArn'>): ReadTruth {
  let last: TrafficTruth | undefined;
  return () => {
    const configuration = cloud.plane.configurations.get(world.loadBalancerArn);
    if (!configuration) throw new Error(`${world.loadBalancerArn} has no configuration in the data plane`);
    if (last?.configuration === configuration) return last;
    const rule = productionRule(configuration, productionPlaceArn, world.productionListenerArn);
    const groups = rule?.action.type === 'forward' ? rule.action.targetGroups : [];
    const weight = (side: SideName): number =>
      groups.find(({ arn }) => arn === world.targetGroups[side])?.weight ?? 0;
    const healthy = (side: SideName): number =>
      configuration.targetGroups
        .find(({ arn }) => arn === world.targetGroups[side])
        ?.targets.filter(({ condition }) => condition === 'healthy').length ?? 0;
    last = {
      configuration,
      weights: { 'orders-a': weight('orders-a'), 'orders-b': weight('orders-b') },
      healthy: { 'orders-a': healthy('orders-a'), 'orders-b': healthy('orders-b') },
    };
    return last;
  };
}

/** A default action is compiled to the listener's last rule. */
function productionRule(
  { listeners }: PlaneConfiguration,
  placeArn: string,
  listenerArn: string,
): PlaneRule | undefined {
  const listener = listeners.find(({ arn }) => arn === listenerArn);
  return listener?.rules.find(({ arn }) => arn === placeArn) ?? listener?.rules.at(-1);
}
