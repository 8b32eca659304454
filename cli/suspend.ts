/** `sidestep suspend`: a service deploys nothing by itself until `sidestep resume`. */
import { Command } from 'commander';
import { addStackOptions } from './request-options.ts';
import { type ServiceWordOptions, sayOfService } from './service-word.ts';

export interface SuspendOptions extends ServiceWordOptions {
  why: string;
}

/** @param finish receives the exit code */
export function suspendCommand(finish: (exitCode: number) => void, run = suspend): Command {
  const command = new Command('suspend')
    .summary('deploy nothing by itself until `resume`')
    .description('Pushes and schedules deploy nothing; a person still can. What is under way goes on.')
    .argument('<service>', 'the service, as in sidestep.yaml')
    .requiredOption('--why <text>', 'why, for the record');
  return addStackOptions(command)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (service: string, options: SuspendOptions) => finish(await run(service, options)));
}

const EXAMPLES = `Examples:
  sidestep suspend orders --why 'we look for a leak'
  sidestep resume orders --reason 'found it'
`;

const suspend = (service: string, { why, ...options }: SuspendOptions): Promise<number> =>
  sayOfService(service, () => ({ signal: 'suspend', reason: why }), options);
