/** Watches a run while it runs: the safety invariants, after every event, on the ground truth. */

import * as errors from '../../lambdas/common/errors.ts';
import { startVirtualLoad } from '../../local/load/index.ts';
import type { CallRecord } from '../../local/wire/endpoint.ts';
import { SIDES, type SideName } from '../../local/world/names.ts';
import type { Crashes } from './faults.ts';
import type { Findings } from './findings.ts';
import type { Meddled } from './meddling.ts';
import { PERSON, type Setting } from './setting.ts';
import { type ReadTruth, type TrafficTruth, truthOf } from './truth.ts';

/** How long the application's own trouble may show: probes must notice, and a replacement must boot. */
const TROUBLE_MS = 90_000;

/** No function runs longer: what it read before that was in another invocation. */
const FUNCTION_MS_MAX = 60_000;

type Call = Omit<CallRecord, 'error'>;

export interface Watch {
  /** To be called after every event of the clock. */
  look(): void;
  /** Sends nothing more, and waits for what is outstanding. */
  stop(): Promise<void>;
  /** Production writes of Sidestep that overwrote an edit that they could not have seen. */
  readonly overwrote: boolean;
  /** Whether a step, having read the listener after the edit, could have seen it. */
  readonly sawEdit: boolean;
  readonly requests: { sent: number; failed: number; excused: number };
}

interface Ground {
  readonly setting: Setting;
  readonly findings: Findings;
  readonly meddled: Meddled;
  readonly read: ReadTruth;
  /** Until when the application itself explains lost requests. */
  troubleUntilMs: number;
  /** When each function last read the listener. */
  readonly readAtMs: Map<string, number>;
  overwrote: boolean;
  sawEdit: boolean;
  /** Whether any side has ever had traffic and a healthy target: before, it is a first deployment. */
  hasServed: boolean;
}

export function watch(setting: Setting, findings: Findings, meddled: Meddled, crashes: Crashes): Watch {
  const ground: Ground = {
    setting,
    findings,
    meddled,
    read: truthOf(setting),
    troubleUntilMs: 0,
    readAtMs: new Map(),
    overwrote: false,
    sawEdit: false,
    hasServed: false,
  };
  noteTrouble(ground, crashes);
  watchCalls(ground);
  watchFailures(ground);
  const load = watchLoad(ground);
  const requests = load.requests;
  return {
    look: watchPlane(ground),
    stop: load.stop,
    requests,
    get overwrote() {
      return ground.overwrote;
    },
    get sawEdit() {
      return ground.sawEdit;
    },
  };
}

/** Processes that end by themselves and tasks that people stop: not the deployer's doing. */
function noteTrouble(ground: Ground, crashes: Crashes): void {
  const { clock } = ground.setting.cloud;
  const trouble = (): void => {
    ground.troubleUntilMs = Math.max(ground.troubleUntilMs, clock.now() + TROUBLE_MS);
  };
  crashes.onPlannedEnd = (afterMs) => void clock.setTimer(afterMs, trouble);
  ground.meddled.onTaskStopped = trouble;
}

const isTroubled = ({ setting, troubleUntilMs }: Ground): boolean =>
  setting.cloud.clock.now() <= troubleUntilMs;

/** Nothing healthy anywhere: a first deployment, or an outage of the application's own. */
const nothingServes = ({ healthy }: TrafficTruth): boolean => SIDES.every((side) => healthy[side] === 0);

const isServing = ({ weights, healthy }: TrafficTruth): boolean =>
  SIDES.some((side) => weights[side] > 0 && healthy[side] > 0);

/** S1: no request is lost to the load balancer while the application is healthy. */
function watchLoad(ground: Ground): Pick<Watch, 'requests' | 'stop'> {
  const { cloud, plan } = ground.setting;
  const requests = { sent: 0, failed: 0, excused: 0 };
  const plane: Pick<typeof cloud.plane, 'request'> = {
    async request(port, request) {
      requests.sent += 1;
      const answer = await cloud.plane.request(port, request);
      if (answer.madeBy !== 'elb' || answer.statusCode < 500) return answer;
      // A first version that was rolled back leaves nothing, as it was found.
      const isBackToNothing = plan.world.blueCount === 0 && nothingServes(ground.read());
      const isExcused =
        isTroubled(ground) || ground.meddled.edit !== undefined || !ground.hasServed || isBackToNothing;
      requests[isExcused ? 'excused' : 'failed'] += 1;
      if (!isExcused)
        ground.findings.add(
          'S1',
          `${answer.statusCode} from the load balancer (${answer.targetGroupArn?.split('/')[1]}); ${describe(ground.read())}`,
        );
      return answer;
    },
  };
  const load = startVirtualLoad({
    clock: cloud.clock,
    plane,
    listenerPort: 8080,
    ratePerSecond: plan.ratePerSecond,
    maxSeconds: 86_400,
  });
  return { requests, stop: async () => void (await load.stop()) };
}

const describe = ({ weights, healthy }: TrafficTruth): string =>
  SIDES.map((side) => `${side} weight ${weights[side]}, ${healthy[side]} healthy`).join('; ');

/** S3 and S5, whenever the load balancer's configuration has changed. */
function watchPlane(ground: Ground): () => void {
  let before = ground.read();
  const frame = frameOf(ground, before);
  ground.hasServed = isServing(before);
  return () => {
    const now = ground.read();
    if (now === before) return;
    ground.hasServed ||= isServing(now);
    requireHealthyWhereWeightRose(ground, before, now);
    if (SIDES.every((side) => now.weights[side] === 0))
      ground.findings.add('S5', 'the production weights sum up to 0');
    const changed = frameOf(ground, now);
    if (changed !== frame) {
      const at = [...changed].findIndex((character, index) => character !== frame[index]);
      const part = (text: string): string => text.slice(Math.max(0, at - 100), at + 100);
      ground.findings.add('S5', `not only weights changed: …${part(frame)}… became …${part(changed)}…`);
    }
    before = now;
  };
}

function requireHealthyWhereWeightRose(ground: Ground, before: TrafficTruth, now: TrafficTruth): void {
  if (ground.meddled.edit || isTroubled(ground) || nothingServes(now)) return;
  for (const side of SIDES) {
    if (before.weights[side] === 0 && now.weights[side] > 0 && now.healthy[side] === 0)
      ground.findings.add('S3', `${side} got weight without a healthy target; ${describe(now)}`);
  }
}

/** All listeners and rules without the weights of the two owned groups on the places that a deployment may write. */
function frameOf({ setting }: Ground, { configuration }: TrafficTruth): string {
  const owned = Object.values(setting.world.targetGroups);
  const mayBeWritten = [setting.productionPlaceArn, setting.world.testRuleArn];
  const listeners = configuration.listeners.map((listener) => ({
    ...listener,
    rules: listener.rules.map((rule, index) => {
      const isDefault = index === listener.rules.length - 1 && mayBeWritten.includes(listener.arn);
      if (rule.action.type !== 'forward' || !(isDefault || mayBeWritten.includes(rule.arn))) return rule;
      const others = rule.action.targetGroups.filter(({ arn }) => !owned.includes(arn));
      return { ...rule, action: { ...rule.action, targetGroups: others } };
    }),
  }));
  return JSON.stringify(listeners);
}

/** S4, S13 and S15: what Sidestep's own calls do to the world. */
function watchCalls(ground: Ground): void {
  const revisions = new Map<string, number>();
  const forced = new Map<string, number>();
  const { cloud } = ground.setting;
  cloud.endpoint.intercept({
    after(call) {
      if (call.caller === PERSON) return;
      if (/^Describe(Rules|Listeners)$/.test(call.operation)) noteRead(ground, call);
      if (call.operation === 'UpdateService') {
        requireNoWeight(ground, call);
        countForced(ground, call, forced);
      }
      if (call.operation === 'RegisterTaskDefinition') countRevisions(ground, call, revisions);
      if (/^Modify(Rule|Listener)$/.test(call.operation)) requireNoEditOverwritten(ground, call);
    },
  });
}

const NAMED = new Set(Object.keys(errors));

/** X1: every error that ends a state is one that somebody chose to throw, or that Lambda or Step Functions raise. */
function watchFailures({ setting, findings }: Ground): void {
  setting.cloud.states.onHistoryEvent((executionArn, { taskFailedEventDetails }) => {
    const { error = '', cause } = taskFailedEventDetails ?? {};
    if (!taskFailedEventDetails || NAMED.has(error) || /^(Runtime\.ExitError|Sandbox\.Timedout)$/.test(error))
      return;
    findings.add('X1', `${executionArn.split(':').at(-1)}: ${error}: ${cause?.slice(0, 300)}`);
  });
}

function noteRead(ground: Ground, { caller, input }: Call): void {
  const { RuleArns = [], ListenerArns = [] } = input as { RuleArns?: string[]; ListenerArns?: string[] };
  if (![...RuleArns, ...ListenerArns].includes(ground.setting.productionPlaceArn)) return;
  ground.readAtMs.set(caller, ground.setting.cloud.clock.now());
  const isStep = !/ResolveDeployment/.test(caller);
  if (ground.meddled.edit && isStep) ground.sawEdit = true;
}

/** Whether the edit came after the function's last look: AWS has no conditional write, so nobody could have known. */
function couldNotKnow({ meddled: { edit }, readAtMs, setting }: Ground, { caller }: Call): boolean {
  const atMs = readAtMs.get(caller) ?? 0;
  const isOfThisCall = atMs >= setting.cloud.clock.now() - FUNCTION_MS_MAX;
  return edit !== undefined && isOfThisCall && atMs <= edit.atMs;
}

function requireNoWeight(ground: Ground, call: Call): void {
  const { service, desiredCount = 1 } = call.input as { service: SideName; desiredCount?: number };
  const truth = ground.read();
  // A side that got weight by hand before it had any task may be started: that harms nobody.
  if (desiredCount > 0 && truth.healthy[service] === 0) return;
  if (truth.weights[service] === 0 || couldNotKnow(ground, call)) return;
  ground.findings.add('S4', `${call.caller} updates ${service} while it serves; ${describe(truth)}`);
}

function countForced(ground: Ground, { input }: Call, forced: Map<string, number>): void {
  const { forceNewDeployment, service, taskDefinition } = input as {
    forceNewDeployment?: boolean;
    service: string;
    taskDefinition?: string;
  };
  if (!forceNewDeployment || ground.setting.plan.rates.lostAnswer > 0) return;
  const key = `${service} ${taskDefinition}`;
  forced.set(key, (forced.get(key) ?? 0) + 1);
  if ((forced.get(key) ?? 0) > 1) ground.findings.add('S13', `${key} was deployed ${forced.get(key)} times`);
}

function countRevisions(ground: Ground, { input }: Call, revisions: Map<string, number>): void {
  const { containerDefinitions = [] } = input as { containerDefinitions?: { image?: string }[] };
  const digest = containerDefinitions[0]?.image?.split('@')[1] ?? '';
  revisions.set(digest, (revisions.get(digest) ?? 0) + 1);
  const count = revisions.get(digest) ?? 0;
  if (count > 1) ground.findings.add('S13', `${digest} was registered ${count} times`);
}

function requireNoEditOverwritten(ground: Ground, call: Call): void {
  const { RuleArn, ListenerArn } = call.input as { RuleArn?: string; ListenerArn?: string };
  if (!ground.meddled.edit || (RuleArn ?? ListenerArn) !== ground.setting.productionPlaceArn) return;
  if (!couldNotKnow(ground, call) && !ground.overwrote)
    ground.findings.add('S15', `${call.caller} overwrote an edit by hand, which it could have seen`);
  ground.overwrote = true;
}
