/** Operations on listeners. */
import { listenerArn, ruleArn } from '../arns.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { Elbv2Api } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { normaliseActions, showActions } from './actions.ts';
import type { Elbv2Context } from './context.ts';
import { page } from './paging.ts';
import {
  defaultRule,
  findListener,
  findLoadBalancer,
  type ListenerProtocol,
  type ListenerRecord,
  type LoadBalancerRecord,
  type Records,
  type RuleRecord,
} from './records.ts';
import { putTags } from './tags.ts';
import { requireForwardable } from './target-group-use.ts';

type ListenerOperations = Pick<
  Operations<typeof Elbv2Api>,
  'CreateListener' | 'DescribeListeners' | 'ModifyListener' | 'DeleteListener'
>;

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

export function listenerOperations(context: Elbv2Context): ListenerOperations {
  const { records, writer, targets } = context;
  return {
    CreateListener: async (input) => ({ Listeners: [showListener(await createListener(input, context))] }),
    DescribeListeners: (input) => {
      const { items, NextMarker } = page(selectListeners(input, records), input);
      return { Listeners: items.map(showListener), NextMarker };
    },
    ModifyListener: (input) => ({ Listeners: [showListener(modifyListener(input, context))] }),
    DeleteListener: ({ ListenerArn }) => {
      const { loadBalancer, listener } = findListener(records, ListenerArn);
      loadBalancer.listeners.delete(listener.arn);
      for (const resource of [listener.arn, ...listener.rules.keys()]) records.tags.delete(resource);
      writer.propagateRemoval(loadBalancer, listener.arn);
      targets.reviewUse();
      return {};
    },
  };
}

async function createListener(
  input: Elbv2Api.CreateListenerInput,
  context: Elbv2Context,
): Promise<ListenerRecord> {
  const { records, targets } = context;
  refuseMembers('CreateListener', input, ['AlpnPolicy', 'MutualAuthentication']);
  const loadBalancer = findLoadBalancer(records, input.LoadBalancerArn);
  const { Port = 0, Protocol } = input;
  const protocol = checkProtocol(loadBalancer, Protocol, input.Certificates);
  if (!Number.isInteger(Port) || Port < 1 || Port > 65_535)
    throw invalid(`Port is ${input.Port}; allowed are 1 to 65535`);
  if ([...loadBalancer.listeners.values()].some(({ port }) => port === Port)) {
    throw new AwsError(
      'DuplicateListenerException',
      `A listener of '${loadBalancer.arn}' has port ${Port} already`,
    );
  }
  const actions = normaliseActions(input.DefaultActions, { protocol });
  requireForwardable(actions, loadBalancer, records);
  const listener = makeListener(input, loadBalancer, { port: Port, protocol, actions });
  await openListener(listener, loadBalancer, context);
  putTags(records, listener.arn, input.Tags);
  targets.reviewUse();
  return listener;
}

/** What each type of load balancer listens for here, and what else AWS's does. */
const PROTOCOLS = {
  application: { supported: ['HTTP', 'HTTPS'], others: [] },
  network: { supported: ['TCP'], others: ['TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'] },
} as const;

/** HTTPS is accepted as TLS that ends before the port: the port itself speaks plain HTTP. */
function checkProtocol(
  { type }: LoadBalancerRecord,
  given: string | undefined,
  certificates: Elbv2Api.Certificate[] = [],
): ListenerProtocol {
  const { supported, others } = PROTOCOLS[type];
  const protocol = supported.find((one) => one === given);
  if (others.some((one) => one === given))
    throw notImplemented(`listeners of protocol ${given} (only ${supported.join(', ')})`);
  if (!protocol) {
    throw new AwsError(
      'UnsupportedProtocolException',
      `Protocol '${given}' is not for load balancers of type '${type}'; allowed are ${supported.join(', ')}`,
    );
  }
  if (protocol === 'HTTPS' && certificates.length !== 1)
    throw invalid('An HTTPS listener needs exactly one default certificate');
  return protocol;
}

function makeListener(
  { SslPolicy, Certificates }: Elbv2Api.CreateListenerInput,
  loadBalancer: LoadBalancerRecord,
  { port, protocol, actions }: { port: number; protocol: ListenerProtocol; actions: Elbv2Api.Action[] },
): ListenerRecord {
  loadBalancer.listenerCount += 1;
  const ordinal = loadBalancer.listenerCount;
  const arn = listenerArn(loadBalancer.arn, ordinal);
  const rule: RuleRecord = { arn: ruleArn(arn, 'default'), priority: 'default', conditions: [], actions };
  const shown =
    protocol === 'HTTPS' ? { SslPolicy: SslPolicy ?? 'ELBSecurityPolicy-2016-08', Certificates } : {};
  return {
    arn,
    ordinal,
    loadBalancerArn: loadBalancer.arn,
    port,
    protocol,
    shown,
    rules: new Map([[rule.arn, rule]]),
  };
}

/** A local load balancer may find its port taken, which AWS's never does. */
async function openListener(
  listener: ListenerRecord,
  loadBalancer: LoadBalancerRecord,
  { writer }: Elbv2Context,
): Promise<void> {
  loadBalancer.listeners.set(listener.arn, listener);
  try {
    await writer.open(loadBalancer, listener);
  } catch (error) {
    loadBalancer.listeners.delete(listener.arn);
    // The next one takes this one's ARN, unless others were made meanwhile.
    if (listener.ordinal === loadBalancer.listenerCount) loadBalancer.listenerCount -= 1;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError(
      'InvalidConfigurationRequestException',
      `Port ${listener.port} on 127.0.0.1 cannot be used: ${reason}`,
    );
  }
}

function modifyListener(
  input: Elbv2Api.ModifyListenerInput,
  { records, writer, targets }: Elbv2Context,
): ListenerRecord {
  refuseMembers('ModifyListener', input, ['AlpnPolicy', 'MutualAuthentication']);
  const { loadBalancer, listener } = findListener(records, input.ListenerArn);
  if (input.Port !== undefined && input.Port !== listener.port)
    throw notImplemented('ModifyListener with another Port');
  if (input.Protocol !== undefined && input.Protocol !== listener.protocol)
    throw notImplemented('ModifyListener with another Protocol');
  if (input.SslPolicy) listener.shown.SslPolicy = input.SslPolicy;
  if (input.Certificates) listener.shown.Certificates = input.Certificates;
  if (!input.DefaultActions) return listener;
  const rule = defaultRule(listener);
  const actions = normaliseActions(input.DefaultActions, {
    protocol: listener.protocol,
    former: rule.actions,
  });
  requireForwardable(actions, loadBalancer, records);
  rule.actions = actions;
  writer.propagate(loadBalancer, listener);
  targets.reviewUse();
  return listener;
}

function selectListeners(
  { LoadBalancerArn, ListenerArns }: Elbv2Api.DescribeListenersInput,
  records: Records,
): ListenerRecord[] {
  if (ListenerArns?.length) return ListenerArns.map((arn) => findListener(records, arn).listener);
  if (!LoadBalancerArn) throw invalid('Either LoadBalancerArn or ListenerArns must be specified');
  return [...findLoadBalancer(records, LoadBalancerArn).listeners.values()];
}

function showListener(listener: ListenerRecord): Elbv2Api.Listener {
  const { arn, loadBalancerArn, port, protocol, shown } = listener;
  return {
    ListenerArn: arn,
    LoadBalancerArn: loadBalancerArn,
    Port: port,
    Protocol: protocol,
    ...shown,
    DefaultActions: showActions(defaultRule(listener).actions),
  };
}
