/** `sidestep plan`: what a deployment would do, how long it would take and what it would change; nothing is changed. */
import { Command } from 'commander';
import { OUTCOME_EXIT_CODES } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { makePlan } from './plan/plan.ts';
import { planText } from './plan/text.ts';
import { addRequestOptions, addStackOptions, inputOf, type RequestOptions } from './request-options.ts';
import { connect } from './stack.ts';

export interface PlanOptions extends RequestOptions {
  json?: boolean;
}

/** @param finish receives the exit code */
export function planCommand(finish: (exitCode: number) => void, run = plan): Command {
  const command = new Command('plan')
    .summary('say what a deployment would do, and how long it would take')
    .description(
      'Looks, predicts and changes nothing. A refusal that a deployment would meet ends it with 14.',
    );
  addRequestOptions(command);
  return addStackOptions(command)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (service: string, options: PlanOptions) => finish(await run(service, options)));
}

const EXAMPLES = `Examples:
  sidestep plan orders --tag v2
  sidestep plan orders --image orders:v2 --json
  sidestep plan orders --task-definition orders:41
`;

async function plan(service: string, options: PlanOptions): Promise<number> {
  const output = createOutput();
  const stack = await connect(options);
  const made = await makePlan({ service, ...inputOf(options) }, stack);
  output.result(options.json ? JSON.stringify({ place: stack.place, ...made }) : planText(made, stack.place));
  return made.outcome ? OUTCOME_EXIT_CODES[made.outcome] : 0;
}
