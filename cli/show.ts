/** `sidestep show`: everything that the history knows of one deployment. */
import { Command } from 'commander';
import { dynamodb } from '../lambdas/aws/dynamodb.ts';
import { queryAudit } from '../lambdas/table/audit.ts';
import { knownDeployment } from './known-deployment.ts';
import { createOutput, paintFor } from './output.ts';
import { addStackOptions } from './request-options.ts';
import { shownOf } from './show/facts.ts';
import { showText } from './show/text.ts';
import { connect, type StackOptions } from './stack.ts';

export interface ShowOptions extends StackOptions {
  json?: boolean;
}

/** @param finish receives the exit code */
export function showCommand(finish: (exitCode: number) => void, run = show): Command {
  const command = new Command('show')
    .summary('tell everything of one deployment')
    .description('Shows stages, weights written, checks, words and who said them, and why it ended.')
    .argument('<deployment>', "a deployment's id, or a service: the one under way, or else its newest");
  return addStackOptions(command)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (target: string, options: ShowOptions) => finish(await run(target, options)));
}

const EXAMPLES = `Examples:
  sidestep show orders
  sidestep show orders-20261121t034211z-1f2e3d --json | jq .stages
`;

async function show(target: string, options: ShowOptions): Promise<number> {
  const stack = await connect(options);
  const record = await knownDeployment(stack, target);
  const [audit, nowMs] = await Promise.all([
    queryAudit(dynamodb(stack.runtime), record.deploymentId),
    stack.now(),
  ]);
  const document = shownOf({ record, audit, place: stack.place, nowMs });
  const { result } = createOutput();
  if (options.json) result(JSON.stringify(document));
  else for (const line of showText(document, paintFor(process.stdout))) result(line);
  return 0;
}
