/** HTTP checks of green, through the listener rule that only test requests meet. */
import type { Elbv2 } from '../aws/elbv2.ts';
import { judgeTestAddress } from '../decisions/test-address.ts';
import type { http } from './http.ts';
import type { HttpCheck } from './service.ts';
import { messageOf } from './step.ts';

export interface CheckPorts {
  readonly elbv2: Elbv2;
  readonly http: ReturnType<typeof http>;
}

/** @returns why the first check that failed did; undefined if all passed */
export async function findFailedCheck(
  checks: readonly HttpCheck[],
  testRule: string,
  ports: CheckPorts,
): Promise<string | undefined> {
  const { origin, conditions } = await ports.elbv2.describeRuleAddress(testRule);
  const paths = checks.map(({ path }) => path);
  const address = judgeTestAddress(conditions, { paths, isTls: origin.startsWith('https:') });
  if (!address.reachable) return address.reason;
  for (const check of checks) {
    const failure = await runCheck(check, origin, address.headers, ports);
    if (failure) return failure;
  }
  return undefined;
}

async function runCheck(
  { path, status, timeoutSeconds }: HttpCheck,
  origin: string,
  headers: Readonly<Record<string, string>>,
  { http }: CheckPorts,
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
