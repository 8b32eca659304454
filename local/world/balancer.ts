/** The user's load balancer: two target groups, a production and a test listener with one rule each, and an alarm. */
import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { localArn } from '../arns.ts';
import { type AlarmSubject, createAlarm } from './alarm.ts';
import type { Clients } from './clients.ts';
import {
  ALARM,
  HEALTH_PATH,
  LOAD_BALANCER,
  moduleRulePriority,
  RULE_PRIORITY,
  SIDES,
  type SideName,
} from './names.ts';
import { createNetworkBalancer } from './network-balancer.ts';
import type { WorldOptions } from './options.ts';

/** Made for this world only; nothing here is looked up. */
const VPC = {
  vpc: 'vpc-0a1b2c3d4e5f60718',
  subnets: ['subnet-0a1b2c3d4e5f60718', 'subnet-0b1c2d3e4f5061728'],
};

type TargetGroups = Readonly<Record<SideName, string>>;

export interface Balancer {
  readonly loadBalancerArn: string;
  readonly targetGroups: TargetGroups;
  readonly productionListenerArn: string;
  /** Absent with a Network Load Balancer: connections cannot be told apart, so there is no test traffic. */
  readonly testListenerArn?: string;
  /** Absent if the listener's default action carries the production traffic. */
  readonly productionRuleArn?: string;
  /** Absent as the listener is. */
  readonly testRuleArn?: string;
  /** With a fleet: the production rules, one per module, in the modules' order. */
  readonly moduleRuleArns: readonly string[];
}

export async function createBalancer(clients: Clients, options: Required<WorldOptions>): Promise<Balancer> {
  const targetGroups = {
    'orders-a': await createTargetGroup(clients, 'orders-a', options),
    'orders-b': await createTargetGroup(clients, 'orders-b', options),
  };
  const isEcsFirst = options.fleet !== false && options.fleet.serves === false;
  const forward = forwardTo(targetGroups, isEcsFirst ? 'orders-b' : 'orders-a', options);
  if (options.loadBalancer === 'network') {
    const { subnets } = VPC;
    return { targetGroups, ...(await createNetworkBalancer(clients, { forward, subnets, options })) };
  }
  const created = await clients.elbv2.send(
    new CreateLoadBalancerCommand({ Name: LOAD_BALANCER, Subnets: VPC.subnets, Tags: options.tags }),
  );
  const loadBalancerArn = created.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const byRule = options.placement === 'rule';
  const listen = (port: number, action: Action, protocol?: WorldOptions['protocol']) =>
    createListener(clients, loadBalancerArn, { port, action, protocol });
  const productionListenerArn = await listen(
    options.ports.production,
    byRule ? NOTHING_HERE : forward,
    options.protocol,
  );
  const testListenerArn = await listen(options.ports.test, NOTHING_HERE);
  const productionRuleArns: string[] = [];
  for (const place of byRule ? productionPlaces(options) : [])
    productionRuleArns.push(await createRule(clients, productionListenerArn, place, forward));
  const testForward = options.fleet ? forwardTo(targetGroups, 'orders-b', options) : forward;
  const testRuleArn = await createRule(clients, testListenerArn, EVERY_PATH, testForward);
  await createAlarm(clients, loadBalancerArn, SERVER_ERRORS);
  return {
    loadBalancerArn,
    targetGroups,
    productionListenerArn,
    testListenerArn,
    productionRuleArn: productionRuleArns[0],
    testRuleArn,
    moduleRuleArns: options.fleet ? productionRuleArns : [],
  };
}

/** Which requests a rule takes, and its turn. */
interface RulePlace {
  priority: number;
  path: string;
}

const EVERY_PATH: RulePlace = { priority: RULE_PRIORITY, path: '/*' };

/** With a fleet each module's paths are on a rule of their own, and the listener's default takes the others. */
function productionPlaces({ fleet }: Required<WorldOptions>): RulePlace[] {
  if (!fleet) return [EVERY_PATH];
  return fleet.modules.map((module, i) => ({ priority: moduleRulePriority(i), path: `/${module}/*` }));
}

/** For instances, as the world's options have its health check and its deregistration delay. @returns its ARN */
export async function createTargetGroup(
  { elbv2 }: Clients,
  name: string,
  { loadBalancer, healthCheckIntervalSeconds, deregistrationDelaySeconds, tags }: Required<WorldOptions>,
): Promise<string> {
  const { TargetGroups } = await elbv2.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: loadBalancer === 'network' ? 'TCP' : 'HTTP',
      Port: 80,
      TargetType: 'instance',
      VpcId: VPC.vpc,
      HealthCheckProtocol: 'HTTP',
      HealthCheckPath: HEALTH_PATH,
      HealthCheckIntervalSeconds: healthCheckIntervalSeconds,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: '200' },
      Tags: tags,
    }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const delay = { Key: 'deregistration_delay.timeout_seconds', Value: String(deregistrationDelaySeconds) };
  await elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [delay] }));
  return TargetGroupArn;
}

/** What a listener answers to requests that no rule takes. */
const NOTHING_HERE: Action = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain', MessageBody: 'nothing here' },
};

/**
 * The other target group is not attached: a deployment attaches it, and the world shows that it does. Only ECS's own
 * controller wants both there from the beginning.
 */
function forwardTo(
  targetGroups: TargetGroups,
  side: SideName,
  { controller }: Pick<Required<WorldOptions>, 'controller'>,
): Action {
  const others = SIDES.filter((each) => each !== side && controller !== 'rolling');
  return {
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: targetGroups[side], Weight: 1 },
        ...others.map((other) => ({ TargetGroupArn: targetGroups[other], Weight: 0 })),
      ],
    },
  };
}

async function createListener(
  { elbv2 }: Clients,
  LoadBalancerArn: string,
  {
    port: Port,
    action,
    protocol = 'HTTP',
  }: { port: number; action: Action; protocol?: WorldOptions['protocol'] },
): Promise<string> {
  const certificate = { CertificateArn: localArn('acm', 'certificate/0a1b2c3d-0000-4000-8000-000000000000') };
  const { Listeners } = await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: protocol,
      Port,
      DefaultActions: [action],
      ...(protocol === 'HTTPS' && { Certificates: [certificate] }),
    }),
  );
  return Listeners?.[0]?.ListenerArn ?? '';
}

async function createRule(
  { elbv2 }: Clients,
  ListenerArn: string,
  { priority, path }: RulePlace,
  action: Action,
): Promise<string> {
  const { Rules } = await elbv2.send(
    new CreateRuleCommand({
      ListenerArn,
      Priority: priority,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [path] } }],
      Actions: [action],
    }),
  );
  return Rules?.[0]?.RuleArn ?? '';
}

const SERVER_ERRORS: AlarmSubject = {
  name: ALARM,
  what: 'answers of class 5xx',
  namespace: 'AWS/ApplicationELB',
  metric: 'HTTPCode_Target_5XX_Count',
};
