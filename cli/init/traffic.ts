/** Which rules carry users' traffic, and which one is for tests. */
import type { ForwardingPlace } from '../../lambdas/aws/load-balancers.ts';

export interface ChosenTraffic {
  readonly traffic: Readonly<Record<string, unknown>>;
  /** The rule for tests, if there is one. */
  readonly test?: ForwardingPlace;
  /** What a person has to look at. */
  readonly notes: readonly string[];
}

const isRule = ({ arn }: ForwardingPlace): boolean => arn.includes(':listener-rule/');
const asksForHeader = ({ conditions }: ForwardingPlace): boolean =>
  conditions.some(({ Field }) => Field === 'http-header');

/** Users come to these ports; where a load balancer has neither, to the lowest. */
const USERS_PORTS = [443, 80];

/**
 * Users' listener is the one on port 443 or 80, or else the lowest port; rules on another one, or with a header
 * condition, are for tests. @param places those that forward to a side's group @returns undefined without any
 */
export function chooseTraffic(places: readonly ForwardingPlace[]): ChosenTraffic | undefined {
  const ports = places.filter((place) => !asksForHeader(place)).map(({ port }) => port);
  if (ports.length === 0) return undefined;
  const users = USERS_PORTS.find((port) => ports.includes(port)) ?? Math.min(...ports);
  const production = places.filter((place) => place.port === users && !asksForHeader(place));
  const others = places.filter((place) => !production.includes(place));
  const tests = others.filter(isRule);
  const [test] = tests.length === 1 ? tests : [];
  const rules = production.filter(isRule);
  const listener = production.find((place) => !isRule(place));
  const left = [
    ...others.filter((place) => place !== test),
    ...(rules.length > 0 && listener ? [listener] : []),
  ];
  return {
    traffic: {
      ...(rules.length > 0 ? { rules: rules.map(({ arn }) => arn) } : { listener: listener?.arn }),
      ...(test && { testRule: test.arn }),
    },
    test,
    notes: [
      `what forwards on port ${users} is taken for users' traffic`,
      ...(test
        ? [
            `the rule on port ${test.port}${asksForHeader(test) ? ' that asks for a header' : ''} is taken for the test rule`,
          ]
        : []),
      ...(test
        ? []
        : ['no test rule was found: without one, green is not asked anything before it has traffic']),
      ...left.map(
        ({ arn, port }) => `port ${port} forwards too (${arn}): a deployment is refused while that is so`,
      ),
    ],
  };
}
