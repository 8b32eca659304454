/** Says why a deployment that does not end may not end: what it waits for, what ECS says of it, and everything that failed. */
import type { Clock } from '../clock/clock.ts';
import type { RunningCloud } from '../start.ts';
import type { DeployedAssembly } from '../wiring/index.ts';
import type { Clients } from '../world/index.ts';
import {
  type InspectedService,
  inspectServices,
  type LogLine,
  readLogLines,
  readOpenWaits,
} from '../world/inspect.ts';

/** How long the cloud may take to answer each question: it may be the cloud that hangs. Wall time. */
const ANSWER_LIMIT_MS = 5_000;

/** So many of the newest of a kind are told. */
const NEWEST = 8;

/** Characters of a line: a function's error may carry a stack. */
const LINE_MAX = 400;

export interface DiagnosisSetting {
  readonly cloud: Pick<RunningCloud, 'clock' | 'faults' | 'endpoint' | 'lambda'>;
  readonly clients: Clients;
  readonly deployed: DeployedAssembly;
  readonly wall: Clock;
}

/** @returns lines to read from top to bottom. Never rejects: what cannot be told is said, with the reason. */
export async function diagnose(setting: DiagnosisSetting): Promise<string[]> {
  const { cloud } = setting;
  // Before any question, which would be the newest call itself.
  const calls = describeCalls(setting);
  const logged = ask(setting, 'logs', () => readFunctionLogs(setting));
  const [waits, services, lines] = await Promise.all([
    describe(
      'open waits',
      ask(setting, 'waits', () => readWaits(setting)),
      (found) => describeWaits(found, setting),
    ),
    describe(
      'ECS services',
      ask(setting, 'ECS', () => inspectServices(setting.clients)),
      (found) => found.flatMap(describeService),
    ),
    describe('error lines of the functions', logged, describeErrors),
  ]);
  const waitingFor = await logged.then(describeLooks, () => []);
  const faults = section('faults of the local cloud', cloud.faults.map(messageOf));
  return [...faults, ...waits, ...waitingFor, ...services, ...calls, ...lines];
}

/** Rejects if there is no answer within the limit. */
function ask<T>({ wall }: DiagnosisSetting, what: string, question: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const limit = wall.setWallTimer(ANSWER_LIMIT_MS, () =>
      reject(new Error(`${what}: no answer within ${ANSWER_LIMIT_MS / 1000} s`)),
    );
    question()
      .then(resolve, reject)
      .finally(() => limit.cancel());
  });
}

async function describe<T>(
  title: string,
  answer: Promise<T>,
  say: (found: T) => readonly string[],
): Promise<string[]> {
  try {
    return section(title, say(await answer));
  } catch (error) {
    return section(title, [`could not be read: ${messageOf(error)}`]);
  }
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [`${title}: none`];
  return [`${title}:`, ...lines.map((line) => `  ${line.slice(0, LINE_MAX)}`)];
}

type Waits = Awaited<ReturnType<typeof readOpenWaits>>;

function readWaits({ clients, deployed }: DiagnosisSetting): Promise<Waits> {
  const { TableName } = deployed.outputs;
  if (!TableName) return Promise.reject(new Error('the template has no output TableName'));
  return readOpenWaits(clients, TableName);
}

function describeWaits(waits: Waits, { cloud }: DiagnosisSetting): string[] {
  return waits.map(({ service, state, deploymentId, openedAtMs, wokenBy }) => {
    const seconds = Math.round((cloud.clock.now() - openedAtMs) / 1000);
    return `${state} of ${service} (${deploymentId}), open for ${seconds} s of cloud time, woken by ${wokenBy.join(', ')}`;
  });
}

function describeService({ service, tasks }: InspectedService): string[] {
  const { serviceName, desiredCount, runningCount, pendingCount, deployments = [], events = [] } = service;
  return [
    `${serviceName}: ${desiredCount} wanted, ${runningCount} running, ${pendingCount} pending`,
    ...deployments.map(
      ({ id, status, rolloutState, failedTasks = 0, rolloutStateReason = '' }) =>
        `  deployment ${id} ${status} ${rolloutState}, ${failedTasks} failed tasks: ${rolloutStateReason}`,
    ),
    ...tasks.slice(-NEWEST).map((task) => `  ${describeTask(task)}`),
    ...events.slice(0, NEWEST).map(({ createdAt, message }) => `  ${timeOf(createdAt)} ${message}`),
  ];
}

function describeTask({
  taskArn = '',
  lastStatus,
  desiredStatus,
  stopCode,
  stoppedReason,
  containers = [],
}: InspectedService['tasks'][number]): string {
  const ends = containers.map(({ name, lastStatus: status, exitCode, reason }) =>
    [`container ${name} ${status}`, exitCode === undefined ? '' : `exit code ${exitCode}`, reason]
      .filter(Boolean)
      .join(', '),
  );
  const why = [stopCode, stoppedReason].filter(Boolean).join(': ');
  return [`task ${taskArn.split('/').at(-1)} ${lastStatus} (to be ${desiredStatus})`, why, ...ends]
    .filter(Boolean)
    .join('; ');
}

/** Failed calls, and the newest one of a function: whether anything is still looked at. */
function describeCalls({ cloud }: DiagnosisSetting): string[] {
  const functions = new Set(cloud.lambda.functions().map(({ functionName }) => functionName));
  const describeCall = ({ atMs, caller, service, operation, error }: (typeof cloud.endpoint.calls)[number]) =>
    `${timeOf(atMs)} ${caller} ${service}:${operation} ${error ?? ''}`.trimEnd();
  const newest = cloud.endpoint.calls.filter(({ caller }) => functions.has(caller)).slice(-1);
  const failed = cloud.endpoint.calls.filter(({ error }) => error !== undefined).slice(-NEWEST);
  return [
    `cloud time is ${timeOf(cloud.clock.now())}`,
    ...section('newest API call of a function', newest.map(describeCall)),
    ...section('failed API calls', failed.map(describeCall)),
  ];
}

function readFunctionLogs({ cloud, clients }: DiagnosisSetting): Promise<LogLine[]> {
  const groups = cloud.lambda.functions().map(({ logGroupName }) => logGroupName);
  return readLogLines(clients, [...new Set(groups)]);
}

/** A function's log is JSON, one object a line; anything else was printed by its runtime as it died. */
function describeErrors(lines: readonly LogLine[]): string[] {
  const isTrouble = ({ message }: LogLine): boolean =>
    /^(WARN|ERROR|CRITICAL)$/.test(entryOf(message).level ?? 'ERROR');
  return lines.filter(isTrouble).slice(-NEWEST).map(describeLine);
}

/** What the last looks at waits found wanting. */
function describeLooks(lines: readonly LogLine[]): string[] {
  const looks = lines.filter(({ message }) => entryOf(message).waitingFor !== undefined).slice(-1);
  return section(
    'the last look found that it waits for',
    looks.map(({ timestampMs, message }) => `${timeOf(timestampMs)} ${entryOf(message).waitingFor}`),
  );
}

const describeLine = ({ timestampMs, logGroupName, message }: LogLine): string =>
  `${timeOf(timestampMs)} ${logGroupName.split('/').at(-1)} ${message}`;

function entryOf(message: string): { level?: string; waitingFor?: string } {
  try {
    return JSON.parse(message) ?? {};
  } catch {
    return {};
  }
}

const timeOf = (time: Date | number | undefined): string =>
  time === undefined ? '' : new Date(time).toISOString().slice(11, 23);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
