/** Says what about a run is not as its scenario promises. Pure. */
import type { ObservedSide, ObservedSides } from '../world/observe.ts';
import type { Scenario } from '../world/scenarios.ts';
import type { DemoResult } from './result.ts';

/** @returns sentences; none if all is well */
export function findProblems(
  scenario: Scenario,
  { outcome, requests, sides }: Pick<DemoResult, 'outcome' | 'requests' | 'sides'>,
): string[] {
  const [blue, green] = sides;
  const problems: string[] = [];
  if (outcome !== scenario.expectedOutcome)
    problems.push(`the outcome is ${outcome}; ${scenario.name} ends ${scenario.expectedOutcome}`);
  if (requests.sent === 0) problems.push('no request was sent');
  if (requests.failed > 0)
    problems.push(
      `${requests.failed} of ${requests.sent} requests were lost by the deployment or the load balancer`,
    );
  if (requests.failedByApplication > 0 && scenario.green.REQUEST_STATUS === undefined)
    problems.push(`${requests.failedByApplication} requests were answered with 5xx by a task`);
  const [serving, resting]: ObservedSides = outcome === 'SUCCESSFUL' ? [green, blue] : [blue, green];
  return [...problems, ...faultsOfServing(serving), ...faultsOfResting(resting)];
}

function faultsOfServing({ service, percent, healthyCount, desiredCount }: ObservedSide): string[] {
  const faults: string[] = [];
  if (percent !== 100) faults.push(`${service} has ${percent} % of the traffic; it should have all`);
  if (desiredCount === 0 || healthyCount < desiredCount)
    faults.push(`${service} has ${healthyCount} healthy targets of ${desiredCount} wanted`);
  return faults;
}

function faultsOfResting({ service, desiredCount, runningCount, pendingCount }: ObservedSide): string[] {
  const left = runningCount + pendingCount;
  if (desiredCount === 0 && left === 0) return [];
  return [`${service} should be stopped; it has ${left} tasks of ${desiredCount} wanted`];
}
