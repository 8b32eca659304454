/** `sidestep plan`: what a deployment would do, how long it would take and what it would change; nothing is changed. */
import { Command } from 'commander';
import { OUTCOME_EXIT_CODES } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { makePlan } from './plan/plan.ts';
import { planText } from './plan/text.ts';
import { connect, type StackOptions } from './stack.ts';

export interface PlanOptions extends StackOptions {
  image?: string;
  tag?: string;
  digest?: string;
  taskDefinition?: string;
  to?: string;
  despite?: string;
  startedAt?: string;
  json?: boolean;
}

/** @param finish receives the exit code */
export function planCommand(finish: (exitCode: number) => void, run = plan): Command {
  return new Command('plan')
    .summary('say what a deployment would do, and how long it would take')
    .description(
      'Looks, predicts and changes nothing. A refusal that a deployment would meet ends it with 14.',
    )
    .argument('<service>', 'the service, as in sidestep.yaml')
    .option('--image <image>', 'repository:tag or repository@digest')
    .option('--tag <tag>', "a tag of the service's repository")
    .option('--digest <sha256:…>', "a digest of the service's repository")
    .option('--task-definition <name>', 'family:revision or ARN: what the new revision is made of')
    .option('--to <fleet>', 'give the traffic back to the VM fleet of this name')
    .option('--despite <reason>', 'as if a person had said that this is the repair')
    .option('--started-at <time>', 'when the outer deployment began (ISO 8601)')
    .option(
      '--endpoint-url <url>',
      'a local cloud; the one that runs in this directory, or else AWS, if absent',
    )
    .option('--prefix <word>', "the stack's prefix; sidestep if absent")
    .option('--json', 'one JSON object on stdout')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (service: string, options: PlanOptions) => finish(await run(service, options)));
}

const EXAMPLES = `Examples:
  sidestep plan orders --tag v2
  sidestep plan orders --image orders:v2 --json
  sidestep plan orders --task-definition orders:41
`;

/** What the execution's input would have; absent members stay absent. */
const INPUT_MEMBERS = ['image', 'tag', 'digest', 'taskDefinition', 'to', 'despite', 'startedAt'] as const;

async function plan(service: string, options: PlanOptions): Promise<number> {
  const output = createOutput({ json: options.json });
  const stack = await connect(options);
  const asked = INPUT_MEMBERS.flatMap((name) => (options[name] ? [[name, options[name]]] : []));
  const made = await makePlan({ service, ...Object.fromEntries(asked) }, stack);
  output.result(options.json ? JSON.stringify({ place: stack.place, ...made }) : planText(made, stack.place));
  return made.outcome ? OUTCOME_EXIT_CODES[made.outcome] : 0;
}
