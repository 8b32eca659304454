/** Rules and their weights: one side has all the traffic, nobody else shares a group, and the test rule can reach green. */
import type { ListenerPlace } from '../../../lambdas/aws/elbv2.ts';
import { moduleCheck } from '../../../lambdas/decisions/module-checks.ts';
import { judgeSides } from '../../../lambdas/decisions/sides.ts';
import { judgeTestAddress } from '../../../lambdas/decisions/test-address.ts';
import { describeWeights, stickinessOf, weightsOf } from '../../../lambdas/decisions/weights.ts';
import { groupName, spellSeconds } from '../../plan/spell.ts';
import type { ServiceFacts, TestRuleFacts, TrafficFacts } from '../facts.ts';
import { type Finding, judged, ng, ok, skip } from '../finding.ts';

type Facts = Pick<ServiceFacts, 'traffic' | 'testRule' | 'configuration' | 'lock'>;

export function judgeTraffic(facts: Facts): Finding[] {
  const { traffic, testRule } = facts;
  const todo = 'correct traffic in sidestep.yaml';
  return [
    ...(traffic
      ? judged(traffic, { what: 'rules', todo }, (found) => judgeProduction(found, facts))
      : [ok('Sidestep moves no traffic for this strategy')]),
    ...(testRule
      ? judged(testRule, { what: 'test rule', todo }, (found) => judgeTestRule(found, facts))
      : []),
  ];
}

function judgeProduction({ places, neighbours, groups }: TrafficFacts, facts: Facts): Finding[] {
  return [
    ...places.flatMap((place) => judgePlace(place, groups, facts)),
    ...judgeShares(places, facts),
    ...judgeNeighbours(neighbours, groups),
  ];
}

/** The short name of a rule or listener: its last words suffice for people. */
const placeName = (arn: string): string => {
  const [kind = '', ...rest] = arn.split('/');
  return `${kind.endsWith('listener-rule') ? 'rule' : 'listener'} …/${rest.slice(1).join('/')}`;
};

function judgePlace(place: ListenerPlace, groups: readonly string[], { configuration }: Facts): Finding[] {
  const { arn, actions, isDefaultRule } = place;
  const label = placeName(arn);
  if (isDefaultRule)
    return [
      ng(
        `${label} is the default rule of its listener, which is never written`,
        'give traffic a rule with conditions, or the listener itself',
      ),
    ];
  if (!actions.some(({ Type }) => Type === 'forward')) {
    const types = actions.map(({ Type }) => Type).join(', ') || 'no action';
    return [
      ng(
        `${label} has ${types}; only a forward action has weights`,
        "let it forward to a side's target group",
      ),
    ];
  }
  const weights = weightsOf(actions);
  const foreign = Object.keys(weights).filter((arn) => !groups.includes(arn));
  const absent = groups.filter((group) => group && !(group in weights));
  const stickiness = stickinessOf(actions);
  return [
    ...(foreign.length > 0
      ? [
          ng(
            `${label} forwards to ${foreign.map(groupName).join(', ')} too, which is no group of ${configuration.name}`,
            'take it off the rule, or name it in sides',
          ),
        ]
      : [ok(`${label} has ${describeWeights(weights)}`)]),
    ...absent.map((group) => judgeAbsent(label, group, configuration)),
    ...(stickiness > 0
      ? [
          ok(
            `${label} keeps clients on their group for ${spellSeconds(stickiness)}: blue is drained after that, or after drain.sticky (${spellSeconds(configuration.drainStickySeconds)})`,
          ),
        ]
      : []),
  ];
}

/** ECS's own controller needs both groups there; for the others Sidestep attaches the one that rests, at weight 0. */
function judgeAbsent(label: string, group: string, { strategy }: Facts['configuration']): Finding {
  const what = `${groupName(group)} is not on ${label}`;
  return strategy.type === 'native'
    ? ng(what, 'add it with weight 0: ECS rolls a deployment back otherwise')
    : ok(`${what}: a deployment attaches it at weight 0`);
}

function judgeShares(places: readonly ListenerPlace[], { configuration, lock }: Facts): Finding[] {
  const [first, second] = configuration.sides;
  if (!second) return [];
  if (lock) return [skip(`shares: ${lock.deploymentId} is at work on them`)];
  const live = places.map(({ arn, actions }) => ({ arn, weights: weightsOf(actions) }));
  const verdict = judgeSides(live, [first, second]);
  if (verdict.clear) return [ok(`${verdict.blue.service} has all the traffic`)];
  return [
    ng(verdict.reason, 'give all the weight to the side that serves; a deployment is refused until then'),
  ];
}

function judgeNeighbours(neighbours: readonly ListenerPlace[], groups: readonly string[]): Finding[] {
  const others = neighbours.flatMap(({ arn, actions }) => {
    const used = Object.entries(weightsOf(actions)).filter(
      ([group, weight]) => weight > 0 && groups.includes(group),
    );
    return used.map(([group]) => ({ arn, group }));
  });
  return others.map(({ arn, group }) =>
    ng(
      `${arn} forwards to ${groupName(group)} too: it would lose its targets when that side stops`,
      'add it to traffic.rules, or point it elsewhere',
    ),
  );
}

function judgeTestRule({ place, address, groups }: TestRuleFacts, { configuration }: Facts): Finding[] {
  const { checks, modules } = configuration;
  const label = `test ${placeName(place.arn)}`;
  const foreign = Object.keys(weightsOf(place.actions)).filter((arn) => !groups.includes(arn));
  const requests = [...checks.http, ...modules.map(moduleCheck)];
  const reach = judgeTestAddress(address.conditions, { requests, isTls: address.origin.isTls });
  const problems = [
    ...(place.actions.some(({ Type }) => Type === 'forward')
      ? []
      : [
          ng(
            `${label} does not forward, so it cannot reach green`,
            "let it forward to a side's target group",
          ),
        ]),
    ...(foreign.length > 0
      ? [
          ng(
            `${label} forwards to ${foreign.map(groupName).join(', ')}, which is no side`,
            'let it forward to the sides only',
          ),
        ]
      : []),
    ...(requests.length > 0 && !reach.reachable
      ? [ng(`${label}: ${reach.reason}`, 'correct its conditions, or the host and path of the checks')]
      : []),
    ...(requests.length > 0 && address.origin.isInternal && !checks.network
      ? [
          ng(
            `${label} is of an internal load balancer`,
            'give checks.network: the subnets and security groups of a function in its VPC',
          ),
        ]
      : []),
  ];
  if (problems.length > 0) return problems;
  const { host, port } = address.origin;
  return [ok(`${label} reaches green through ${host}:${port}`)];
}
