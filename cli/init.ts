/** `sidestep init`: writes sidestep.yaml from what is running. */
import { existsSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { parseConfiguration } from '../lambdas/common/configuration.ts';
import { CannotDo, UsageError } from './failures.ts';
import { type Draft, draftService } from './init/draft.ts';
import type { RunningService } from './init/facts.ts';
import { describePlaces, describeRunning, factsFor, namesIn, type ServiceName } from './init/gather.ts';
import { nameFor, pairUp } from './init/pairs.ts';
import { type Written, yamlText } from './init/yaml.ts';
import { createOutput, type Output } from './output.ts';
import { type ConnectedAccount, connectAccount } from './stack.ts';

export interface InitOptions {
  cluster: string;
  service?: string[];
  name?: string;
  output: string;
  force?: boolean;
  endpointUrl?: string;
  json?: boolean;
}

/** @param finish receives the exit code */
export function initCommand(finish: (exitCode: number) => void, run = init): Command {
  return new Command('init')
    .summary('write sidestep.yaml from what is running')
    .description(
      'Looks at ECS services and what is in front of them. What it had to guess stands in comments.',
    )
    .requiredOption('--cluster <cluster>', 'the ECS cluster, by name')
    .option(
      '--service <name>',
      'an ECS service, or cluster/service; give it twice for the two sides of one; all of the cluster if absent',
      collect,
    )
    .option(
      '--name <name>',
      'what the service is called in the file; what its ECS services have in common if absent',
    )
    .option('--output <path>', 'the file', 'sidestep.yaml')
    .option('--force', 'overwrite the file')
    .option(
      '--endpoint-url <url>',
      'a local cloud; the one that runs in this directory, or else AWS, if absent',
    )
    .option('--json', 'the document on stdout, and no file')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (options: InitOptions) => finish(await run(options)));
}

const EXAMPLES = `Examples:
  sidestep init --cluster prod --service orders-a --service orders-b
  sidestep init --cluster prod --service invoices --name billing
`;

const SIDES_MAX = 2;

function collect(text: string, before: readonly string[] = []): string[] {
  const all = [...before, text];
  if (all.length <= SIDES_MAX) return all;
  throw new InvalidArgumentError(
    `found ${all.length} of them, allowed are one, or the two sides of one service.`,
  );
}

async function init(options: InitOptions): Promise<number> {
  const { output: path, force, json, name, service } = options;
  if (name !== undefined && !service) throw new UsageError('--name needs --service: it names one service');
  if (!json && !force && existsSync(path))
    throw new CannotDo(`${path} exists; give --output another file, or --force to overwrite it`);
  const output = createOutput();
  const account = await connectAccount(options);
  const written = await write(options, account, output);
  if (json) {
    output.result(JSON.stringify(written.document));
    return 0;
  }
  writeFileSync(path, yamlText(written));
  output.result(`${path} was written: ${Object.keys(written.document.services).join(', ')}`);
  output.progress(
    'read its comments, then check it with `cdk synth`; once the stack is deployed, `sidestep verify` looks at the rest',
  );
  return 0;
}

/** @throws CannotDo if nothing can be written */
async function write(options: InitOptions, account: ConnectedAccount, output: Output): Promise<Written> {
  const { runtime, place, account: ownAccount } = account;
  const asked = options.service?.map((text) => serviceName(text, options.cluster));
  const names = asked ?? (await namesIn(runtime, options.cluster));
  const running = await Promise.all(names.map((one) => describeRunning(runtime, one)));
  const places = await describePlaces(runtime, running);
  // Two that were named are meant as one, whatever is on the rule yet.
  const pairs = asked ? [running] : pairUp(running, places);
  const drafted = await Promise.all(
    pairs.map(async (sides) => ({
      sides,
      draft: draftService(await factsFor(runtime, sides, places), ownAccount),
    })),
  );
  const written = compose(drafted, { place, name: options.name });
  for (const line of written.left) output.progress(line);
  if (Object.keys(written.document.services).length === 0)
    throw new CannotDo(`nothing was written: ${written.left.join('; ')}`);
  // What is written is what `cdk synth` takes: better said here than there.
  parseConfiguration(written.document, { source: 'what was to be written' });
  return written;
}

/** `orders-a`, or `prod-b/orders-b` of another cluster. */
function serviceName(text: string, cluster: string): ServiceName {
  const [service = '', other] = text.split('/').reverse();
  return { cluster: other ?? cluster, service };
}

interface Drafted {
  readonly sides: readonly RunningService[];
  readonly draft: Draft;
}

/** @returns in `left` a sentence for each service that could not be written */
function compose(
  drafted: readonly Drafted[],
  { place, name }: { place: string; name: string | undefined },
): Written & { readonly left: readonly string[] } {
  const services = new Map<string, Drafted['draft'] & { possible: true }>();
  const left: string[] = [];
  for (const { sides, draft } of drafted) {
    const label = sides.map((side) => side.name).join(' and ');
    if (draft.possible) services.set(freeName(name ?? nameFor(sides), services), draft);
    else left.push(`${label} was left out: it ${draft.reason}`);
  }
  const entries = [...services];
  return {
    document: { services: Object.fromEntries(entries.map(([key, { service }]) => [key, service])) },
    notes: Object.fromEntries(entries.map(([key, { notes }]) => [key, notes])),
    head: [
      `Written by \`sidestep init\` from what runs in ${place}. Each comment is a guess, or a question.`,
      ...left,
    ],
    left,
  };
}

/** Services of different clusters may share a name. */
function freeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  for (let number = 2; ; number += 1) {
    const candidate = number === 2 ? name : `${name.slice(0, 28)}-${number - 1}`;
    if (!taken.has(candidate)) return candidate;
  }
}
