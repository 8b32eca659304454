/** How the sample application behaves, read from its environment: the one model of it, for the process and for virtual time. */

/** `healthPath` is what load balancers probe; everything else is a user's request. */
export const HEALTH_PATH = '/health';

/** What the sample application does. Times are milliseconds of wall time. */
export interface SampleBehaviour {
  version: string;
  /** From start to listening. */
  bootMs: number;
  /** From a user's request to its answer; probes are answered at once. */
  responseMs: number;
  /** If present, the process ends by itself. */
  exit?: { afterMs: number; code: number; lastWords: string };
  ignoresSigterm: boolean;
  /** If present, no other process of this name may run at the same time. */
  exclusive?: string;
  /** The status for the `ordinal`-th (from 0) user's request, or for a probe. */
  statusFor(path: string, ordinal: number): number;
}

/**
 * Reads VERSION, BOOT_MS, HEALTH_STATUS, REQUEST_STATUS, REQUEST_FAILURE_RATE (the share of requests, 0 to 1, that
 * gets REQUEST_STATUS; evenly spread, not drawn), RESPONSE_MS, EXIT_CODE, EXIT_AFTER_MS, IGNORE_SIGTERM, EXCLUSIVE (a name that only
 * one process may have at a time; a process finds the others through the directory EXCLUSIVE_DIR) and MODULES
 * (`eu-1/billing,eu-1/search`: answers at and below `/eu-1/billing` and `/eu-1/search`, and 404 elsewhere).
 * @throws RangeError naming the variable that is not a number in its range
 */
export function sampleBehaviour(environment: Readonly<Record<string, string | undefined>>): SampleBehaviour {
  const number = (name: string, fallback: number, max: number): number =>
    readNumber(name, environment[name], fallback, max);
  const healthStatus = number('HEALTH_STATUS', 200, 599);
  const requestStatus = number('REQUEST_STATUS', 200, 599);
  const failureRate = number('REQUEST_FAILURE_RATE', 1, 1);
  const exit = readExit(environment, number);
  const modules = readModules(environment.MODULES);
  return {
    version: environment.VERSION ?? 'unversioned',
    bootMs: number('BOOT_MS', 0, 3_600_000),
    responseMs: number('RESPONSE_MS', 0, 3_600_000),
    ...(exit ? { exit } : {}),
    ignoresSigterm: environment.IGNORE_SIGTERM === '1',
    ...(environment.EXCLUSIVE ? { exclusive: environment.EXCLUSIVE } : {}),
    statusFor: (path, ordinal) => {
      if (isHealthPath(path)) return healthStatus;
      if (modules && !modules.some((module) => isOfModule(path, module))) return 404;
      return isFailing(ordinal, failureRate) ? requestStatus : 200;
    },
  };
}

/** Undefined if the application has no modules, and answers everywhere. */
function readModules(text = ''): string[] | undefined {
  return text === '' ? undefined : text.split(',');
}

function isOfModule(path: string, module: string): boolean {
  const [bare] = path.split('?');
  return bare === `/${module}` || path.startsWith(`/${module}/`);
}

/** The argument that makes the sample application a one-off task: it works for a while and ends. */
export const TASK_ARGUMENT = 'task';

export interface SampleTask {
  readonly firstWords: string;
  readonly afterMs: number;
  readonly code: number;
  readonly lastWords: string;
}

/**
 * Reads VERSION, TASK_MS and TASK_EXIT_CODE, and SIDESTEP_TEST_URL, by which a check knows what it checks.
 * @throws RangeError naming the variable that is not a number in its range
 */
export function sampleTask(environment: Readonly<Record<string, string | undefined>>): SampleTask {
  const code = readNumber('TASK_EXIT_CODE', environment.TASK_EXIT_CODE, 0, 255);
  const { VERSION = 'unversioned', SIDESTEP_TEST_URL } = environment;
  const about = SIDESTEP_TEST_URL === undefined ? '' : ` at ${SIDESTEP_TEST_URL}`;
  return {
    firstWords: `task of version ${VERSION} begins${about}`,
    afterMs: readNumber('TASK_MS', environment.TASK_MS, 0, 86_400_000),
    code,
    lastWords: code === 0 ? 'task done' : 'FATAL: column "total" of relation "orders" already exists',
  };
}

/** Whether a request is a probe: the query string does not count. */
export function isHealthPath(path: string): boolean {
  return path.split('?')[0] === HEALTH_PATH;
}

/** The body of every answer. */
export function sampleBody(answer: {
  version: string;
  task: string;
  path: string;
  statusCode: number;
}): string {
  return `${JSON.stringify(answer)}\n`;
}

/** True for the given share of all ordinals, spread evenly: of every 4 at rate 0.25, the fourth. */
function isFailing(ordinal: number, rate: number): boolean {
  return Math.floor((ordinal + 1) * rate) > Math.floor(ordinal * rate);
}

function readExit(
  environment: Readonly<Record<string, string | undefined>>,
  number: (name: string, fallback: number, max: number) => number,
): SampleBehaviour['exit'] {
  if (environment.EXIT_CODE === undefined && environment.EXIT_AFTER_MS === undefined) return undefined;
  const code = number('EXIT_CODE', 1, 255);
  const lastWords = code === 0 ? 'done' : 'FATAL: cannot read DATABASE_URL';
  return { afterMs: number('EXIT_AFTER_MS', 0, 3_600_000), code, lastWords };
}

function readNumber(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (value >= 0 && value <= max) return value;
  throw new RangeError(`${name} is ${JSON.stringify(text)}; allowed are numbers from 0 to ${max}`);
}
