/** Configuration documents for tests: one that is right, and what is said of one that is not. */
import { describeProblem } from '../../lambdas/common/configuration/problems.ts';
import { ConfigurationInvalid, parseConfiguration } from '../../lambdas/common/configuration.ts';
import type { ServiceConfiguration } from '../../lambdas/common/service.ts';

export const ELB = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
export const rule = (id: string, loadBalancer = 'app/web/1a') =>
  `${ELB}:listener-rule/${loadBalancer}/2b/${id}`;
export const group = (name: string) => `${ELB}:targetgroup/${name}/3c`;

/** A service that is right, with whatever the test wants otherwise; `name` keeps services apart. */
export function service(name: string, otherwise: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    image: { repository: name, container: 'app', tags: { glob: 'v*' } },
    traffic: { rules: [rule(`${name.length}a`)] },
    sides: [
      { cluster: 'prod', service: `${name}-a`, targetGroup: group(`${name}-a`) },
      { cluster: 'prod', service: `${name}-b`, targetGroup: group(`${name}-b`) },
    ],
    ...otherwise,
  };
}

export const orders = (otherwise: Record<string, unknown> = {}) => ({
  services: { orders: service('orders', otherwise) },
});

export function complaintsAbout(document: unknown): string[] {
  try {
    parseConfiguration(document);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid)) throw error;
    return error.problems.map(describeProblem);
  }
}

/** The one service of the document, complete. @throws ConfigurationInvalid */
export function parsed(otherwise: Record<string, unknown>): ServiceConfiguration {
  const [only] = parseConfiguration(orders(otherwise)).services;
  if (!only) throw new Error('the document has no service');
  return only;
}
