/** Why tasks stopped, in words that a person can act on: exit code, ECS's reason, last log lines. */
import type { Ecs } from '../aws/ecs.ts';
import type { Logs } from '../aws/logs.ts';
import type { TaskFacts } from '../decisions/steady-state.ts';

const LOG_LINES = 5;
/** Characters of a line: causes are limited to 32,768 in all, and a line may be 256 KB. */
const LINE_MAX = 400;

/** Tells of the newest of the tasks that failed; the others mostly fail alike. */
export async function describeStoppedTasks(
  tasks: readonly TaskFacts[],
  revisionArn: string,
  { ecs, logs }: { ecs: Ecs; logs: Logs },
): Promise<string> {
  const task = tasks[0];
  if (!task) return '';
  const containers = (task.containers ?? [])
    .map((container) => describeContainer(container, task))
    .join('; ');
  const stopped = [task.stopCode, task.stoppedReason, containers].filter(Boolean).join(': ');
  const lines = await lastLogLines(task, revisionArn, { ecs, logs });
  const tail = lines.length > 0 ? ` Its last log lines: ${lines.map((line) => `"${line}"`).join(' ')}` : '';
  return `Task ${idOf(task)} stopped (${stopped}).${tail}`;
}

type Container = NonNullable<TaskFacts['containers']>[number];

function describeContainer({ name, exitCode, reason }: Container, { lastStatus }: TaskFacts): string {
  const unfinished = lastStatus === 'STOPPED' ? 'never started' : 'is being stopped';
  const end = exitCode === undefined ? unfinished : `exited with code ${exitCode}`;
  return `container ${name} ${end}${reason ? `, ${reason}` : ''}`;
}

const idOf = ({ taskArn = '' }: TaskFacts): string => taskArn.split('/').at(-1) ?? taskArn;

/**
 * The newest lines of the first container that wrote any, each cut to a readable length.
 * The awslogs driver names a stream prefix/container/task id (ECS guide, "Send Amazon ECS logs to CloudWatch").
 * @param container if only one of them is meant
 */
export async function lastLogLines(
  task: TaskFacts,
  revisionArn: string,
  { ecs, logs }: { ecs: Ecs; logs: Logs },
  container?: string,
): Promise<string[]> {
  const { taskDefinition } = await ecs.describeTaskDefinition(revisionArn);
  const definitions = taskDefinition.containerDefinitions ?? [];
  for (const { name, logConfiguration } of definitions) {
    if (container !== undefined && name !== container) continue;
    const group = logConfiguration?.options?.['awslogs-group'];
    const prefix = logConfiguration?.options?.['awslogs-stream-prefix'];
    if (logConfiguration?.logDriver !== 'awslogs' || !group || !prefix) continue;
    const lines = await logs.getLastLines(group, `${prefix}/${name}/${idOf(task)}`, LOG_LINES);
    if (lines.length > 0) return lines.map((line) => line.slice(0, LINE_MAX));
  }
  return [];
}
