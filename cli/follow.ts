/** Follows a deployment by its record to its end; one that waits is followed to the one that takes its turn. */
import { dynamodb, type Table } from '../lambdas/aws/dynamodb.ts';
import { type Sfn, sfn } from '../lambdas/aws/sfn.ts';
import type { Deployment, Outcome } from '../lambdas/common/deployment.ts';
import { getDeployment, queryDeployments } from '../lambdas/table/deployments.ts';
import { getLock } from '../lambdas/table/locks.ts';
import { getWaiting } from '../lambdas/table/waiting-place.ts';
import { pause } from './detach.ts';
import { CannotDo } from './failures.ts';
import type { ConnectedStack } from './stack.ts';
import { stageOf } from './status/progress.ts';

/** How a deployment ended, as --json and the result file tell it. */
export interface End {
  /** Absent if the request was refused before there was one. */
  readonly deploymentId?: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly digest?: string;
  readonly revisionArn?: string;
}

/** What is followed: a deployment, or the execution that is to make one. */
export type Followed = { readonly deploymentId: string } | { readonly executionArn: string };

export interface FollowPorts extends Pick<ConnectedStack, 'runtime' | 'isLocal'> {
  readonly service: string;
  /** Told of each stage that begins, once. */
  readonly tell: (line: string) => void;
  /** Ends the following, not the deployment. */
  readonly signal: AbortSignal;
}

/** Looks after which it is asked whether anybody still works on a deployment that does not end. */
const LOOKS_BEFORE_DOUBT = 10;

/**
 * Looks at the record again and again: it is whole at every moment, whatever becomes of the executions.
 * @throws CannotDo if nobody works on it any more; the signal's reason once it is aborted
 */
export async function followToEnd(followed: Followed, ports: FollowPorts): Promise<End> {
  const table = dynamodb(ports.runtime);
  const executions = sfn(ports.runtime);
  const found = await findRecord(followed, { table, executions }, ports);
  if ('end' in found) return found.end;
  let { deploymentId } = found;
  let told = '';
  for (let looks = 1; ; looks += 1) {
    const record = await getDeployment(table, deploymentId);
    if (record.successor) {
      ports.tell(`${deploymentId} goes on as ${record.successor}`);
      deploymentId = record.successor;
      continue;
    }
    const end = endOf(record);
    if (end) return end;
    const line = `${deploymentId} ${stageOf(record)?.name ?? 'waits for its turn'}`;
    if (line !== told) ports.tell(line);
    told = line;
    if (looks % LOOKS_BEFORE_DOUBT === 0) await requireSomebodyAtWork(record, table, executions);
    await pause(ports.isLocal ? 300 : 3_000, ports.signal);
  }
}

/** The execution's first state makes the record, or refuses to. */
async function findRecord(
  followed: Followed,
  { table, executions }: { readonly table: Table; readonly executions: Sfn },
  ports: FollowPorts,
): Promise<{ readonly deploymentId: string } | { readonly end: End }> {
  if ('deploymentId' in followed) return followed;
  for (;;) {
    // In this order: an execution that has ended has written its record before.
    const end = await refusalOf(followed.executionArn, executions);
    const records = await queryDeployments(table, ports.service);
    const record = records.find(({ startedBy }) => startedBy.executionArn === followed.executionArn);
    if (record) return record;
    if (end) return { end };
    await pause(ports.isLocal ? 300 : 3_000, ports.signal);
  }
}

/** @throws CannotDo if the execution was stopped, or there is none */
async function refusalOf(executionArn: string, executions: Sfn): Promise<End | undefined> {
  const status = await executions.describeExecution(executionArn);
  if (status === undefined) throw new CannotDo(`there is no execution ${executionArn}`);
  if (status === 'ABORTED' || status === 'TIMED_OUT')
    throw new CannotDo(`${executionArn} is ${status}: it made no deployment`);
  if (status !== 'FAILED') return undefined;
  const failure = await executions.describeFailure(executionArn);
  return { outcome: 'REFUSED', reason: failure.replace(/^REFUSED: /, '') };
}

/** Blue may stand by for hours: green serves, which is what was asked for. */
function endOf(record: Deployment): End | undefined {
  const { deploymentId, outcome, reason = '', image, revisionArn, succeededAtMs } = record;
  const common = { deploymentId, digest: image.digest, revisionArn };
  if (outcome) return { ...common, outcome, reason };
  if (succeededAtMs === undefined) return undefined;
  return { ...common, outcome: 'SUCCESSFUL', reason: 'green serves all the traffic; blue stands by' };
}

/** An execution that is stopped before it has the lock is recovered by nobody: nothing was begun. @throws CannotDo */
async function requireSomebodyAtWork(
  { service, deploymentId, startedBy }: Deployment,
  table: Table,
  executions: Sfn,
): Promise<void> {
  if ((await executions.describeExecution(startedBy.executionArn)) === 'RUNNING') return;
  const [lock, waiting] = await Promise.all([getLock(table, service), getWaiting(table, service)]);
  if (lock?.deploymentId === deploymentId || waiting?.deploymentId === deploymentId) return;
  // It may have ended since it was looked at: the lock goes as the outcome is written.
  const { outcome, successor } = await getDeployment(table, deploymentId);
  if (outcome || successor) return;
  throw new CannotDo(`nobody works on ${deploymentId} any more: its execution was stopped before it began`);
}
