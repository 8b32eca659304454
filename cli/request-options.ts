/** The options of commands that speak of a deployment: what is asked for, and of which stack. */
import type { Command } from 'commander';
import type { StackOptions } from './stack.ts';

/** What a deployment can be asked for, as the execution's input has it. */
export interface RequestOptions extends StackOptions {
  image?: string;
  tag?: string;
  digest?: string;
  taskDefinition?: string;
  to?: string;
  despite?: string;
  force?: boolean;
  startedAt?: string;
}

const INPUT_MEMBERS = [
  'image',
  'tag',
  'digest',
  'taskDefinition',
  'to',
  'despite',
  'force',
  'startedAt',
] as const;

/** The service, and what is asked for it. */
export function addRequestOptions(command: Command): Command {
  return command
    .argument('<service>', 'the service, as in sidestep.yaml')
    .option('--image <image>', 'repository:tag or repository@digest')
    .option('--tag <tag>', "a tag of the service's repository")
    .option('--digest <sha256:…>', "a digest of the service's repository")
    .option('--task-definition <name>', 'family:revision or ARN: what the new revision is made of')
    .option('--to <fleet>', 'give the traffic back to the VM fleet of this name')
    .option(
      '--despite <reason>',
      'go on although an alarm fires, the service is frozen or its windows are closed',
    )
    .option('--force', 'deploy it although it serves already: with new tasks')
    .option(
      '--started-at <time>',
      "when the outer deployment began (ISO 8601): the service's deadline counts from it",
    );
}

/** Where the stack is. */
export function addStackOptions(command: Command): Command {
  return command
    .option(
      '--endpoint-url <url>',
      'a local cloud; the one that runs in this directory, or else AWS, if absent',
    )
    .option('--prefix <word>', "the stack's prefix; sidestep if absent");
}

/** The members of the execution's input that were given; absent ones stay absent. */
export function inputOf(options: RequestOptions): Record<string, string | boolean> {
  const given = INPUT_MEMBERS.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}
