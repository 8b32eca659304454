/** `sidestep unfreeze`: ends a freeze before its time. */
import { Command } from 'commander';
import { addStackOptions } from './request-options.ts';
import { type ServiceWordOptions, sayOfService } from './service-word.ts';

export interface UnfreezeOptions extends ServiceWordOptions {
  why?: string;
}

/** @param finish receives the exit code */
export function unfreezeCommand(finish: (exitCode: number) => void, run = unfreeze): Command {
  const command = new Command('unfreeze')
    .summary('end a freeze')
    .description('What has waited for the end of the freeze begins.')
    .argument('<service>', 'the service, as in sidestep.yaml')
    .option('--why <text>', 'why, for the record');
  return addStackOptions(command)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('beforeAll', "Examples:\n  sidestep unfreeze orders --why 'done early'\n")
    .action(async (service: string, options: UnfreezeOptions) => finish(await run(service, options)));
}

const unfreeze = (service: string, { why, ...options }: UnfreezeOptions): Promise<number> =>
  sayOfService(service, () => ({ signal: 'unfreeze', reason: why }), options);
