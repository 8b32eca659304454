/** VerifyTargets: green is steady, every target of it is healthy, and its HTTP checks pass through the test rule. */

import { ecs } from './aws/ecs.ts';
import { elbv2 } from './aws/elbv2.ts';
import { logs } from './aws/logs.ts';
import type { Deployment } from './common/deployment.ts';
import {
  CheckFailed,
  CheckNotPassedYet,
  SteadyStateTimedOut,
  TargetsNotHealthy,
  TargetsNotHealthyYet,
} from './common/errors.ts';
import { readTargetHealth } from './common/health.ts';
import { http } from './common/http.ts';
import type { HttpCheck } from './common/service.ts';
import { type Ground, messageOf, onLambda, type Step, step } from './common/step.ts';
import { afterVerification } from './decisions/next-act.ts';
import { judgeTestAddress } from './decisions/test-address.ts';
import { lookAtSteadyState, type SteadyStatePorts } from './waits/steady-state.ts';

type Ports = SteadyStatePorts & { readonly http: ReturnType<typeof http> };

const verifyTargets: Step<Ports> = async (journal, ports) => {
  await journal.intend();
  await verifySteadyState(journal.deployment, ports);
  await verifyTargetHealth(journal.deployment, ports);
  await verifyHttpChecks(journal.deployment, ports);
  await journal.done();
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

async function verifyHttpChecks(deployment: Deployment, ports: Ports & Ground): Promise<void> {
  const { traffic, checks } = deployment.configuration;
  if (!traffic?.testRule || checks.http.length === 0) return;
  const { origin, conditions } = await ports.elbv2.describeRuleAddress(traffic.testRule);
  const paths = checks.http.map(({ path }) => path);
  const address = judgeTestAddress(conditions, { paths, isTls: origin.startsWith('https:') });
  if (!address.reachable) throw new CheckFailed(address.reason);
  for (const check of checks.http) {
    const failure = await runCheck(check, origin, address.headers, ports);
    if (!failure) continue;
    throw isLate(deployment, ports.now) ? new CheckFailed(failure) : new CheckNotPassedYet(failure);
  }
}

/** @returns why the check failed, or undefined */
async function runCheck(
  { path, status, timeoutSeconds }: HttpCheck,
  origin: string,
  headers: Readonly<Record<string, string>>,
  { http }: Ports,
): Promise<string | undefined> {
  const url = `${origin}${path}`;
  try {
    const answer = await http({ url, headers, timeoutMs: timeoutSeconds * 1000 });
    return answer.statusCode === status
      ? undefined
      : `GET ${url} answered ${answer.statusCode}; expected ${status}`;
  } catch (error) {
    return `GET ${url} failed: ${messageOf(error)}`;
  }
}

const isLate = ({ steadyStateDeadlineMs = 0 }: Deployment, now: () => number): boolean =>
  now() >= steadyStateDeadlineMs;
