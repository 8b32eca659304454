/** HTTP checks of green, through the listener rule that only test requests meet. */
import type { Elbv2 } from '../aws/elbv2.ts';
import { judgeAnswer } from '../decisions/http-check.ts';
import { describeModules, moduleCheck } from '../decisions/module-checks.ts';
import { judgeTestAddress } from '../decisions/test-address.ts';
import type { Asked } from './asking.ts';
import type { Deployment } from './deployment.ts';
import type { http } from './http.ts';
import type { HttpOrigin, HttpRequest } from './runtime.ts';
import type { Checks, HttpCheck, ServiceConfiguration } from './service.ts';

export interface CheckPorts {
  readonly elbv2: Elbv2;
  readonly http: ReturnType<typeof http>;
}

/** Why a check failed, and whether no later try can change that: the rule takes no such request. */
export interface CheckFailure {
  readonly reason: string;
  readonly isFinal: boolean;
  /** The check's place among those that were asked; 0 if none could be. */
  readonly index: number;
}

/** @returns the first failure; undefined if all passed */
export async function findFailedCheck(
  checks: Pick<Checks, 'http' | 'network'>,
  testRule: string,
  ports: CheckPorts,
): Promise<CheckFailure | undefined> {
  const [first] = await findFailedChecks(checks, testRule, ports);
  return first;
}

/** Of every module of a fleet, whether its address answers on green. @returns all that do not, in one reason */
export async function findFailedModules(
  { modules, checks: { network } }: Pick<ServiceConfiguration, 'modules' | 'checks'>,
  testRule: string,
  ports: CheckPorts,
): Promise<Omit<CheckFailure, 'index'> | undefined> {
  const asked = { http: modules.map(moduleCheck), network };
  const failures = await findFailedChecks(asked, testRule, ports);
  const reasons = new Map(failures.map(({ index, reason }) => [index, reason]));
  const reason = describeModules(modules, reasons);
  return reason === undefined ? undefined : { reason, isFinal: failures.some(({ isFinal }) => isFinal) };
}

/** @returns every request that did not pass, in the order of the checks */
async function findFailedChecks(
  { http: checks, network }: Pick<Checks, 'http' | 'network'>,
  testRule: string,
  ports: CheckPorts,
): Promise<CheckFailure[]> {
  const { origin, conditions } = await ports.elbv2.describeRuleAddress(testRule);
  const address = judgeTestAddress(conditions, { requests: checks, isTls: origin.isTls });
  if (!address.reachable) return [{ reason: address.reason, isFinal: true, index: 0 }];
  const rounds = checks.flatMap((check, index) => {
    const request = requestOf(check, origin, address.headers[index] ?? {});
    return Array.from({ length: check.inARow }, () => ({ check, index, request }));
  });
  const asked = await ports.http.ask(
    rounds.map(({ request }) => request),
    network,
  );
  return rounds.flatMap(({ check, index, request: { method, path } }, round) => {
    const failure = failureOf(check, asked[round]);
    if (failure === undefined) return [];
    return [{ reason: `${method} ${urlOf(origin)}${path} ${failure}`, isFinal: false, index }];
  });
}

function requestOf(
  { method, path, timeoutSeconds }: HttpCheck,
  origin: HttpOrigin,
  headers: Readonly<Record<string, string>>,
): HttpRequest {
  return { origin, method, path, headers, timeoutMs: timeoutSeconds * 1000 };
}

function failureOf(check: HttpCheck, asked: Asked | undefined): string | undefined {
  if (asked && 'answer' in asked) return judgeAnswer(check, asked.answer);
  return `failed: ${asked?.failed ?? 'it was not asked'}`;
}

/** How the user's own checks reach green, if they have any and there is a test rule. */
export async function describeTestAddress(
  { configuration }: Deployment,
  elbv2: Elbv2,
): Promise<Deployment['testAddress']> {
  const { traffic, checks } = configuration;
  if (!traffic?.testRule || checks.lambda.length + checks.task.length === 0) return undefined;
  const { origin, conditions } = await elbv2.describeRuleAddress(traffic.testRule);
  const anywhere = conditions.filter(({ Field }) => Field === 'host-header' || Field === 'http-header');
  const address = judgeTestAddress(anywhere, { requests: [{ method: 'GET', path: '/' }], isTls: false });
  return { url: urlOf(origin), headers: address.reachable ? (address.headers[0] ?? {}) : {} };
}

const urlOf = ({ isTls, host, port }: HttpOrigin): string => `${isTls ? 'https' : 'http'}://${host}:${port}`;
