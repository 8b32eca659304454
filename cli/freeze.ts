/** `sidestep freeze`: nothing of a service is deployed before a time. */
import { Command } from 'commander';
import { addStackOptions } from './request-options.ts';
import { type ServiceWordOptions, sayOfService } from './service-word.ts';
import { iso } from './status/progress.ts';
import { momentAfter } from './times.ts';

export interface FreezeOptions extends ServiceWordOptions {
  until: string;
  why: string;
}

/** @param finish receives the exit code */
export function freezeCommand(finish: (exitCode: number) => void, run = freeze): Command {
  const command = new Command('freeze')
    .summary('deploy nothing of a service before a time')
    .description(
      'Pushes and schedules wait, the newest of them; a person can still deploy with --despite. What is under way goes on.',
    )
    .argument('<service>', 'the service, as in sidestep.yaml')
    .requiredOption('--until <time>', 'how long from now, such as 3h or 2d, or a time (ISO 8601)')
    .requiredOption('--why <text>', 'why, for the record');
  return addStackOptions(command)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (service: string, options: FreezeOptions) => finish(await run(service, options)));
}

const EXAMPLES = `Examples:
  sidestep freeze orders --until 3h --why 'the stocktaking'
  sidestep freeze orders --until 2026-11-30T06:00:00+01:00 --why 'the sale'
`;

/** From now on by the stack's own clock. */
const freeze = (service: string, { until, why, ...options }: FreezeOptions): Promise<number> =>
  sayOfService(
    service,
    async ({ now }) => ({
      signal: 'freeze',
      reason: why,
      until: iso(momentAfter('--until', until, await now())),
    }),
    options,
  );
