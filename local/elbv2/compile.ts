/** Turns listeners and target groups as written into what the data plane carries out. */
import type {
  PlaneAction,
  PlaneConfiguration,
  PlaneListener,
  PlaneTarget,
  PlaneTargetGroup,
} from '../dataplane/data-plane.ts';
import type { Elbv2Api } from '../wire/models.ts';
import { idleTimeoutSecondsOf, stickinessSecondsOf } from './attributes.ts';
import {
  type ListenerRecord,
  type LoadBalancerRecord,
  planeAddress,
  type Records,
  type RuleRecord,
  rulesInOrder,
  type TargetGroupRecord,
  type TargetRecord,
} from './records.ts';
import { compileCondition } from './rule-conditions.ts';

const PLANE_PROTOCOLS = { HTTP: 'http', HTTPS: 'https', TCP: 'tcp' } as const;

export function compileListener(listener: ListenerRecord): PlaneListener {
  const { arn, port, protocol } = listener;
  return {
    arn,
    port,
    protocol: PLANE_PROTOCOLS[protocol],
    rules: rulesInOrder(listener).map(compileRule),
  };
}

/** Authenticate actions do nothing here: every request of the local cloud counts as authenticated. */
function compileRule({ arn, conditions, actions }: RuleRecord): PlaneListener['rules'][number] {
  const last = actions.at(-1);
  if (!last) throw new TypeError(`rule ${arn} has no action`);
  return { arn, conditions: conditions.map(compileCondition), action: compileAction(last) };
}

function compileAction({ ForwardConfig, FixedResponseConfig, RedirectConfig }: Elbv2Api.Action): PlaneAction {
  if (FixedResponseConfig) {
    const { StatusCode, ContentType, MessageBody } = FixedResponseConfig;
    return {
      type: 'fixed-response',
      statusCode: Number(StatusCode),
      contentType: ContentType,
      body: MessageBody,
    };
  }
  if (RedirectConfig) return compileRedirect(RedirectConfig);
  const sticky = ForwardConfig?.TargetGroupStickinessConfig;
  return {
    type: 'forward',
    targetGroups: (ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn = '', Weight = 1 }) => ({
      arn: TargetGroupArn,
      weight: Weight,
    })),
    stickinessSeconds: sticky?.Enabled ? sticky.DurationSeconds : undefined,
  };
}

function compileRedirect({
  Protocol,
  Host,
  Port,
  Path,
  Query,
  StatusCode,
}: Elbv2Api.RedirectActionConfig): PlaneAction {
  const origin = `${(Protocol ?? '#{protocol}').toLowerCase()}://${Host ?? '#{host}'}:${Port ?? '#{port}'}`;
  const location = `${origin}${Path ?? '/#{path}'}?${Query ?? '#{query}'}`;
  return { type: 'redirect', statusCode: StatusCode === 'HTTP_302' ? 302 : 301, location };
}

/** A load balancer's whole configuration as it is in effect: rules after their propagation, targets as of now. */
export function compileConfiguration(
  loadBalancer: LoadBalancerRecord,
  { targetGroups }: Records,
): PlaneConfiguration {
  const listeners = [...loadBalancer.effective.values()];
  const groups = effectiveGroups(loadBalancer).map((arn) => targetGroups.get(arn));
  return {
    loadBalancerArn: loadBalancer.arn,
    idleTimeoutSeconds: idleTimeoutSecondsOf(loadBalancer.attributes),
    listeners,
    targetGroups: groups.filter((group) => group !== undefined).map(compileGroup),
  };
}

/** The target groups that the rules in effect forward to, each once. */
export function effectiveGroups({ effective }: LoadBalancerRecord): string[] {
  const actions = [...effective.values()].flatMap(({ rules }) => rules.map(({ action }) => action));
  return [
    ...new Set(
      actions.flatMap((action) =>
        action.type === 'forward' ? action.targetGroups.map(({ arn }) => arn) : [],
      ),
    ),
  ];
}

function compileGroup({ arn, targets, attributes }: TargetGroupRecord): PlaneTargetGroup {
  return {
    arn,
    targets: [...targets.values()].flatMap(compileTarget),
    stickinessSeconds: stickinessSecondsOf(attributes),
  };
}

function compileTarget(target: TargetRecord): PlaneTarget[] {
  const { state } = target.health;
  return state === 'unused' ? [] : [{ ...planeAddress(target), condition: state }];
}
