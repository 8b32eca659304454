/** What has changed between two looks, as lines: for a watch without a terminal. Pure. */
import type { ServiceStatus, StatusDocument } from './facts.ts';
import { clock, imageCell, nameOf } from './text.ts';

/** A line for each thing that is told otherwise than before; at first, for each thing. */
export function changesBetween(before: StatusDocument | undefined, now: StatusDocument): string[] {
  const told = new Map(before?.services.flatMap((service) => [...factsOf(service)]));
  const facts = new Map(now.services.flatMap((service) => [...factsOf(service)]));
  const changed = [...facts].filter(([key, line]) => told.get(key) !== line);
  const gone = [...told.keys()].filter((key) => !facts.has(key));
  const lines = [...changed.map(([key, line]) => `${key}: ${line}`), ...gone.map((key) => `${key}: over`)];
  return lines.map((line) => `${clock(now.at)} ${line}`);
}

/** Whether two looks differ in anything but the time that has passed. */
export function differ(before: StatusDocument | undefined, now: StatusDocument): boolean {
  return timeless(before) !== timeless(now);
}

const timeless = (document: StatusDocument | undefined): string =>
  JSON.stringify(document?.services, (key, value: unknown) => (key === 'elapsedSeconds' ? undefined : value));

function factsOf({ service, sides, deployment, waiting, restraints, last, problems }: ServiceStatus) {
  const facts = new Map<string, string>();
  for (const { service: side, role, targetGroups, runningCount, desiredCount, revision, ...image } of sides) {
    const groups = targetGroups.map(
      ({ arn, percent, healthyCount, targetCount }) =>
        `${targetGroups.length > 1 ? `${nameOf(arn)} ` : ''}${percent === undefined ? '' : `${percent} %, `}${healthyCount}/${targetCount} healthy`,
    );
    const runs = runningCount === undefined ? [] : [`runs ${runningCount}/${desiredCount}`];
    const cells = [role, ...groups, ...runs, revision, imageCell(image)];
    facts.set(`${service} ${side}`, cells.filter(Boolean).join(', '));
  }
  if (deployment) {
    const { deploymentId, stage = 'begins', trafficStep, waitsFor, heldBecause } = deployment;
    const step =
      trafficStep && `step ${trafficStep.number} of ${trafficStep.count}, ${trafficStep.percent} %`;
    const wait = waitsFor && `waits for ${waitsFor.what}`;
    facts.set(
      `${service} ${deploymentId}`,
      heldBecause ? `held: ${heldBecause}` : [stage, step, wait].filter(Boolean).join(', '),
    );
  }
  if (waiting) facts.set(`${service} next`, `${waiting.deploymentId} waits: ${waiting.waitsFor}`);
  for (const { kind, why, until } of restraints)
    facts.set(`${service} ${kind}`, `${until ? `until ${clock(until)}: ` : ''}${why}`);
  const [newest] = last;
  if (newest) facts.set(`${service} last`, `${newest.outcome} ${newest.deploymentId}: ${newest.reason}`);
  for (const problem of problems) facts.set(`${service} problem`, problem);
  return facts;
}
