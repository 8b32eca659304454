/** `sidestep history`: the deployments of services and the words said about them, and on request the four DORA figures. */
import { Command, InvalidArgumentError } from 'commander';
import { dynamodb, type Table } from '../lambdas/aws/dynamodb.ts';
import { type Deployment, OUTCOMES, type Outcome } from '../lambdas/common/deployment.ts';
import { queryDeployments, queryNewestDeployments } from '../lambdas/table/deployments.ts';
import { queryWords } from '../lambdas/table/restraints.ts';
import { type HistoryDocument, historyOf } from './history/facts.ts';
import { historyText } from './history/text.ts';
import { knownServices } from './known-service.ts';
import { createOutput, paintFor } from './output.ts';
import { addStackOptions } from './request-options.ts';
import { connect, type StackOptions } from './stack.ts';
import { iso } from './status/progress.ts';
import { momentBefore } from './times.ts';

export interface HistoryOptions extends StackOptions {
  since: string;
  outcome?: Outcome[];
  dora?: boolean;
  json?: boolean;
}

/** @param finish receives the exit code */
export function historyCommand(finish: (exitCode: number) => void, run = history): Command {
  const command = new Command('history')
    .summary('list deployments, and what was said')
    .description('Lists deployments with who or what started them, how they ended, and the words said.')
    .argument('[service]', 'the service, as in sidestep.yaml; all if absent')
    .option('--since <time>', 'how long ago, such as 30d, or a time (ISO 8601)', '30d')
    .option('--outcome <outcome>', `only deployments that ended so; may be given again`, outcome)
    .option('--dora', 'the four DORA figures of that time too');
  return addStackOptions(command)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (service: string | undefined, options: HistoryOptions) =>
      finish(await run(service, options)),
    );
}

const EXAMPLES = `Examples:
  sidestep history orders
  sidestep history orders --since 7d --outcome ROLLBACK_SUCCESSFUL
  sidestep history --since 90d --dora --json
`;

/** For commander: collects repeated outcomes, in AWS's letters or small ones. */
function outcome(text: string, before: readonly Outcome[] = []): Outcome[] {
  const found = OUTCOMES.find((known) => known === text.toUpperCase().replaceAll('-', '_'));
  if (found) return [...before, found];
  throw new InvalidArgumentError(`found '${text}', allowed are ${OUTCOMES.join(', ')}.`);
}

async function history(service: string | undefined, options: HistoryOptions): Promise<number> {
  const { since, outcome: outcomes, dora = false, json } = options;
  const stack = await connect(options);
  const toMs = await stack.now();
  const period = { fromMs: momentBefore('--since', since, toMs), toMs };
  const configurations = await knownServices(stack, service);
  const table = dynamodb(stack.runtime);
  const services = configurations.map(async (configuration) => {
    const { name } = configuration;
    const [records, words] = await Promise.all([
      recordsOf(name, dora ? 0 : period.fromMs, table),
      queryWords(table, name),
    ]);
    return historyOf({ configuration, records, words, period, outcomes, withDora: dora });
  });
  const document: HistoryDocument = {
    place: stack.place,
    from: iso(period.fromMs),
    to: iso(toMs),
    services: await Promise.all(services),
  };
  const { result } = createOutput();
  if (json) result(JSON.stringify(document));
  else for (const line of historyText(document, paintFor(process.stdout))) result(line);
  return 0;
}

/** Which image is new, and what restored a failure, only the whole history knows. */
const recordsOf = (service: string, sinceMs: number, table: Table): Promise<Deployment[]> =>
  sinceMs === 0 ? queryDeployments(table, service) : queryNewestDeployments(table, service, { sinceMs });
