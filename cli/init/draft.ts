/** One service of the configuration, written from what runs, with a comment at each guess. */
import type { Service } from '../../lambdas/aws/ecs.ts';
import { SHAPES } from '../../lambdas/common/configuration/arn.ts';
import { judgeTestAddress } from '../../lambdas/decisions/test-address.ts';
import { stopTimeoutOf } from '../verify/checks/health.ts';
import type { InitFacts, RunningService } from './facts.ts';
import { type ChosenContainer, chooseContainer, guessTags } from './image.ts';
import { type ChosenTraffic, chooseTraffic } from './traffic.ts';

/** A comment before a key: its path within the service; the empty path stands for the service itself. */
export interface Note {
  readonly at: readonly string[];
  readonly text: string;
}

export type Draft =
  | {
      readonly possible: true;
      readonly service: Readonly<Record<string, unknown>>;
      readonly notes: readonly Note[];
    }
  /** To be read after the service's name. */
  | { readonly possible: false; readonly reason: string };

/** @param ownAccount whose registry need not be named */
export function draftService(facts: InitFacts, ownAccount: string): Draft {
  const { sides, places } = facts;
  const [first] = sides;
  const problem = sides.map(({ service }) => problemWith(service)).find(Boolean);
  if (!first || problem) return { possible: false, reason: problem ?? 'is not there' };
  const running = sides.find(({ service }) => (service.desiredCount ?? 0) > 0) ?? first;
  const chosen = chooseContainer(running.definition, running.service.loadBalancers?.[0]?.containerName);
  if (!chosen) return { possible: false, reason: 'runs no image of ECR' };
  const traffic = sides.length === 2 ? chooseTraffic(places) : undefined;
  if (sides.length === 2 && !traffic)
    return { possible: false, reason: 'has two sides, and nothing forwards to either' };
  const roles = rolesOf(sides);
  const checks = checksOf(facts, traffic);
  const image = imageOf(chosen, facts, ownAccount);
  const drain = drainOf(sides);
  return {
    possible: true,
    service: {
      image: image.value,
      strategy: { type: strategyOf(sides) },
      ...(traffic && { traffic: traffic.traffic }),
      sides: sides.map((side) => sideOf(side, sides.length)),
      ...(roles.length > 0 && { roles }),
      ...(Object.keys(checks.value).length > 0 && { checks: checks.value }),
      ...(drain && { drain: { timeout: drain } }),
    },
    notes: [
      ...image.notes,
      { at: ['strategy'], text: strategyNote(sides) },
      ...(traffic?.notes ?? []).map((text) => ({ at: ['traffic'], text })),
      ...(roles.length > 0
        ? [{ at: ['roles'], text: 'the roles of the task definitions that run; no others can be passed' }]
        : []),
      ...checks.notes,
      ...(drain
        ? [{ at: ['drain'], text: 'longer than the deregistration delay and the stop time-out together' }]
        : []),
    ],
  };
}

/** What Sidestep cannot deploy, to be read after the service's name. */
function problemWith({ deploymentController, schedulingStrategy }: Service): string | undefined {
  const controller = deploymentController?.type ?? 'ECS';
  if (controller !== 'ECS') return `has deployment controller ${controller}; Sidestep needs ECS`;
  if (schedulingStrategy === 'DAEMON') return 'has scheduling strategy DAEMON; Sidestep needs REPLICA';
  return undefined;
}

type StrategyType = 'all-at-once' | 'native' | 'rolling';

function strategyOf(sides: readonly RunningService[]): StrategyType {
  if (sides.length === 2) return 'all-at-once';
  return isNative(sides) ? 'native' : 'rolling';
}

const isNative = ([side]: readonly RunningService[]): boolean =>
  !['ROLLING', undefined].includes(side?.service.deploymentConfiguration?.strategy);

function strategyNote(sides: readonly RunningService[]): string {
  const [first] = sides;
  if (sides.length === 2)
    return 'two services on one load balancer: traffic moves from one to the other; canary, linear and steps do it bit by bit';
  if (isNative(sides))
    return `ECS shifts the traffic itself (${first?.service.deploymentConfiguration?.strategy}): Sidestep starts, checks and watches it; docs/native.md has the lifecycle hooks`;
  if (first?.targetGroups.length)
    return 'one service: ECS replaces its tasks in place; with a second service and target group on the same rule, traffic could move in one write';
  return 'behind no load balancer: ECS replaces its tasks in place. A consumer of which two must never run (a FIFO queue, a schedule) needs recreate';
}

function imageOf(chosen: ChosenContainer, { tags }: InitFacts, ownAccount: string) {
  const { containers, image, sidecars } = chosen;
  const all = [...tags, ...(image.tag === undefined || tags.includes(image.tag) ? [] : [image.tag])];
  const guessed = guessTags(all);
  const [container] = containers;
  const notes: Note[] = [
    { at: ['image', 'tags'], text: `a guess: ${guessed.because}` },
    ...(containers.length > 1
      ? [{ at: ['image', 'container'], text: 'they run the same repository, and get its images together' }]
      : []),
    ...sidecars.map((sidecar) => ({
      at: ['image'],
      text: `container ${sidecar.container} has images of ${sidecar.repository}, which stay as they are; image.sidecars could deploy them too`,
    })),
  ];
  const value = {
    repository: image.repository,
    ...(image.registryId !== ownAccount && { registryId: image.registryId }),
    container: containers.length > 1 ? containers : container,
    tags: guessed.tags,
  };
  return { value, notes };
}

/** Whose groups take turns (native), or nobody looks at (in place without one), has none. */
function sideOf({ cluster, name, targetGroups, service }: RunningService, count: number) {
  const [group] = targetGroups;
  const needsGroup =
    count === 2 || (group && (service.deploymentConfiguration?.strategy ?? 'ROLLING') === 'ROLLING');
  return { cluster, service: name, ...(needsGroup && group && { targetGroup: group.arn }) };
}

function rolesOf(sides: readonly RunningService[]): string[] {
  const arns = sides.flatMap(({ definition }) => [definition.taskRoleArn, definition.executionRoleArn]);
  // A definition may name a role without its ARN: then nobody could pass it on by this list.
  return [...new Set(arns.filter((arn): arn is string => arn !== undefined && SHAPES.role.test(arn)))];
}

function checksOf({ sides, isInternal }: InitFacts, traffic: ChosenTraffic | undefined) {
  const alarms = [
    ...new Set(sides.flatMap(({ service }) => service.deploymentConfiguration?.alarms?.alarmNames ?? [])),
  ];
  const http = httpCheckOf(sides, traffic, isInternal);
  const value = {
    ...(http.path && { http: [{ path: http.path, status: 200 }] }),
    ...(alarms.length > 0 && { alarms }),
  };
  const notes: Note[] = [
    ...(http.path
      ? [
          {
            at: ['checks', 'http'],
            text: "the target group's own health check; a request that shows the new version works is better",
          },
        ]
      : []),
    ...(http.why ? [{ at: [], text: http.why }] : []),
    ...(alarms.length > 0
      ? [{ at: ['checks', 'alarms'], text: "those of the service's own deployments" }]
      : [
          {
            at: [],
            text: 'no alarms were found: checks.alarms should name those that tell when the new version is bad',
          },
        ]),
  ];
  return { value, notes };
}

/** The health check's path if the test rule takes it; why not, if it does not. */
function httpCheckOf(
  sides: readonly RunningService[],
  traffic: ChosenTraffic | undefined,
  isInternal: boolean,
): { readonly path?: string; readonly why?: string } {
  const path = sides[0]?.targetGroups[0]?.healthCheck.path;
  if (!traffic?.test || !path) return {};
  if (isInternal)
    return {
      why: 'the load balancer is internal: checks.http need checks.network, the subnets and security groups of a function in its VPC',
    };
  const asked = { requests: [{ method: 'GET', path }], isTls: false };
  const verdict = judgeTestAddress(traffic.test.conditions, asked);
  return verdict.reachable
    ? { path }
    : {
        why: `the test rule does not take ${path} (${verdict.reason}): checks.http need another path or host`,
      };
}

/** What drain.timeout is if nothing is written. */
const DRAIN_SECONDS = 1800;
const SLACK_SECONDS = 300;

/** Written only if the default would not do. */
function drainOf(sides: readonly RunningService[]): string | undefined {
  const needed = Math.max(
    0,
    ...sides.flatMap(({ targetGroups, definition }) =>
      targetGroups.map(
        ({ deregistrationDelaySeconds }) => deregistrationDelaySeconds + stopTimeoutOf(definition),
      ),
    ),
  );
  return needed < DRAIN_SECONDS ? undefined : `${Math.ceil((needed + SLACK_SECONDS) / 60)}m`;
}
