/** Says what about a run is not as its scenario promises. Pure. */
import type { ObservedSide, ObservedSides } from '../world/observe.ts';
import type { Scenario } from '../world/scenarios.ts';
import type { DemoResult } from './result.ts';

type Seen = Pick<DemoResult, 'outcome' | 'requests' | 'sides'> &
  Partial<Pick<DemoResult, 'downtimeSeconds' | 'violations' | 'wantedRevisionArn'>> & {
    /** How the push ended that came after the deployment. */
    readonly afterwards?: DemoResult['outcome'] | undefined;
    /** How the deployment of the second service ended, which shifts with the first. */
    readonly neighbour?: DemoResult['outcome'] | undefined;
  };

/** @returns sentences; none if all is well */
export function findProblems(scenario: Scenario, seen: Seen): string[] {
  const { outcome, sides } = seen;
  const { fleet = false } = scenario.world;
  const isTurned = (fleet && fleet.serves === false) || scenario.beforehand !== undefined;
  const [blue, green] = isTurned ? [sides[1], sides[0]] : sides;
  const problems: string[] = [];
  if (outcome !== scenario.expectedOutcome)
    problems.push(`the outcome is ${outcome}; ${scenario.name} ends ${scenario.expectedOutcome}`);
  const { tag, expectedOutcome } = scenario.afterwards ?? {};
  if (seen.afterwards !== expectedOutcome)
    problems.push(`the push of ${tag} ended ${seen.afterwards}; it should have ended ${expectedOutcome}`);
  if (scenario.world.neighbour && seen.neighbour !== outcome)
    problems.push(
      `the second service ended ${seen.neighbour}; it should have ended as the first, ${outcome}`,
    );
  const isInPlace = scenario.strategy === 'rolling' || scenario.strategy === 'recreate';
  const isSwapped = outcome === 'SUCCESSFUL' && !isInPlace;
  const [serving, resting]: ObservedSides = isSwapped ? [green, blue] : [blue, green];
  return [
    ...problems,
    ...(scenario.world.balanced === false ? [] : faultsOfRequests(scenario, seen)),
    ...(isInPlace ? faultsOfRevision(serving, seen) : []),
    ...(scenario.strategy === 'recreate' ? faultsOfRecreate(seen) : []),
    ...faultsOfServing(serving),
    ...faultsOfResting(resting),
  ];
}

function faultsOfRequests(scenario: Scenario, { requests }: Seen): string[] {
  const problems: string[] = [];
  if (requests.sent === 0) problems.push('no request was sent');
  if (requests.failed > 0)
    problems.push(
      `${requests.failed} of ${requests.sent} requests were lost by the deployment or the load balancer`,
    );
  if (requests.failedByApplication > 0 && scenario.green.REQUEST_STATUS === undefined)
    problems.push(`${requests.failedByApplication} requests were answered with 5xx by a task`);
  return problems;
}

/** Where both versions share a place, only its revision tells which of them runs. */
function faultsOfRevision(
  { service, taskDefinitionArn }: ObservedSide,
  { wantedRevisionArn }: Seen,
): string[] {
  if (wantedRevisionArn !== undefined && taskDefinitionArn === wantedRevisionArn) return [];
  return [`${service} is to run ${taskDefinitionArn}; it should be ${wantedRevisionArn}`];
}

function faultsOfRecreate({ violations = [], downtimeSeconds }: Seen): string[] {
  const twoAtOnce = violations.map((violation) => `two ran at once: ${violation}`);
  return downtimeSeconds === undefined ? [...twoAtOnce, 'no downtime was reported'] : twoAtOnce;
}

function faultsOfServing(side: ObservedSide): string[] {
  const { service, percent, healthyCount, desiredCount, runningCount, isBalanced = true } = side;
  if (!isBalanced) {
    if (desiredCount > 0 && runningCount === desiredCount) return [];
    return [`${service} has ${runningCount} running tasks of ${desiredCount} wanted`];
  }
  const faults: string[] = [];
  if (percent !== 100) faults.push(`${service} has ${percent} % of the traffic; it should have all`);
  if (desiredCount === 0 || healthyCount < desiredCount)
    faults.push(`${service} has ${healthyCount} healthy targets of ${desiredCount} wanted`);
  return faults;
}

function faultsOfResting(side: ObservedSide): string[] {
  const { service, desiredCount, runningCount, pendingCount, healthyCount, isFleet } = side;
  if (isFleet) {
    if (healthyCount === desiredCount) return [];
    return [
      `${service} has ${healthyCount} of its ${desiredCount} machines registered and healthy; a fleet stays as it is`,
    ];
  }
  const left = runningCount + pendingCount;
  if (desiredCount === 0 && left === 0) return [];
  return [`${service} should be stopped; it has ${left} tasks of ${desiredCount} wanted`];
}
