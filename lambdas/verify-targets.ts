/** VerifyTargets: green is steady, every target of it is healthy, and its HTTP checks pass through the test rule. */

import { ecs } from './aws/ecs.ts';
import { elbv2 } from './aws/elbv2.ts';
import { logs } from './aws/logs.ts';
import { describeTestAddress, findFailedCheck, findFailedModules } from './common/checks.ts';
import type { Deployment } from './common/deployment.ts';
import { measureDowntime } from './common/downtime.ts';
import {
  CheckFailed,
  CheckNotPassedYet,
  SteadyStateTimedOut,
  TargetsNotHealthy,
  TargetsNotHealthyYet,
} from './common/errors.ts';
import { readTargetHealth } from './common/health.ts';
import { http } from './common/http.ts';
import { type Ground, onLambda, type Step, step } from './common/step.ts';
import { moduleCheck } from './decisions/module-checks.ts';
import { afterVerification } from './decisions/next-act.ts';
import { lookAtSteadyState, type SteadyStatePorts } from './waits/steady-state.ts';

type Ports = SteadyStatePorts & { readonly http: ReturnType<typeof http> };

const verifyTargets: Step<Ports> = async (journal, ports) => {
  await journal.intend();
  await verifySteadyState(journal.deployment, ports);
  await verifyTargetHealth(journal.deployment, ports);
  const httpChecks = await verifyHttpChecks(journal.deployment, ports);
  const testAddress = await describeTestAddress(journal.deployment, ports.elbv2);
  await journal.done({
    testAddress,
    httpChecks,
    ...(await measureDowntime(journal.deployment, 'green', ports)),
  });
  return afterVerification(journal.deployment);
};

export const create = step('VerifyTargets', verifyTargets, { ecs, elbv2, http, logs });
export const handler = onLambda(create);

/** The wait may have ended because its time was up: the truth is read once more before it is judged. */
async function verifySteadyState(deployment: Deployment, ports: Ports & Ground): Promise<void> {
  const look = await lookAtSteadyState(deployment, ports);
  if (!look.open && 'failure' in look) throw look.failure;
  if (!look.open) return;
  // Scaling, or a read staler than the last one: not steady at this moment is a failure only when the time is up.
  if (!isLate(deployment, ports.now)) throw new TargetsNotHealthyYet(look.waitingFor);
  const { steadyStateTimeoutSeconds } = deployment.configuration;
  throw new SteadyStateTimedOut(`not steady within ${steadyStateTimeoutSeconds} s: ${look.waitingFor}`);
}

async function verifyTargetHealth(deployment: Deployment, { elbv2, now }: Ports & Ground): Promise<number> {
  const { green, greenCount = 1 } = deployment;
  if (!green.targetGroup) return 0;
  const verdict = await readTargetHealth(elbv2, green.targetGroup, greenCount);
  if (verdict.healthy) return verdict.healthyCount;
  throw isLate(deployment, now)
    ? new TargetsNotHealthy(verdict.reason)
    : new TargetsNotHealthyYet(verdict.reason);
}

/** @returns what passed, for the history; what does not is thrown */
async function verifyHttpChecks(
  deployment: Deployment,
  ports: Ports & Ground,
): Promise<Deployment['httpChecks']> {
  const { configuration } = deployment;
  const { traffic, checks, modules } = configuration;
  if (!traffic?.testRule || checks.http.length + modules.length === 0) return undefined;
  requireTestTrafficOnGreen(deployment, ports.now);
  const failures = await Promise.all([
    modules.length > 0 ? findFailedModules(configuration, traffic.testRule, ports) : undefined,
    checks.http.length > 0 ? findFailedCheck(checks, traffic.testRule, ports) : undefined,
  ]);
  const failure = failures.find((one) => one !== undefined);
  if (!failure) {
    const asked = [...modules.map(moduleCheck), ...checks.http];
    return { atMs: ports.now(), passed: asked.map(({ method, path }) => `${method} ${path}`) };
  }
  throw failure.isFinal || isLate(deployment, ports.now)
    ? new CheckFailed(failure.reason)
    : new CheckNotPassedYet(failure.reason);
}

/** A green that runs already, such as a fleet, is verified before the write of the test rule has taken effect everywhere. */
function requireTestTrafficOnGreen(
  { testTraffic, attach, configuration }: Deployment,
  now: () => number,
): void {
  if (!testTraffic) return;
  const writtenAtMs = attach?.doneAtMs ?? testTraffic.intendedAtMs;
  if (now() >= writtenAtMs + configuration.propagationSeconds * 1000) return;
  throw new CheckNotPassedYet(
    'the test rule was given to green just now: another version may still answer there',
  );
}

const isLate = ({ steadyStateDeadlineMs = 0 }: Deployment, now: () => number): boolean =>
  now() >= steadyStateDeadlineMs;
