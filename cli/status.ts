/** `sidestep status`: how services stand now, as a tree; with --watch again and again. */
import { Command } from 'commander';
import { pause, untilDetached } from './detach.ts';
import { knownServices } from './known-service.ts';
import { createOutput, paintFor } from './output.ts';
import { addStackOptions } from './request-options.ts';
import { screenOn } from './screen.ts';
import { type ConnectedStack, connect, type StackOptions } from './stack.ts';
import { changesBetween, differ } from './status/changes.ts';
import type { StatusDocument } from './status/facts.ts';
import { gatherStatus } from './status/gather.ts';
import { iso } from './status/progress.ts';
import { statusText } from './status/text.ts';

export interface StatusOptions extends StackOptions {
  watch?: boolean;
  json?: boolean;
}

/** Between two looks of a watch. */
const EVERY_MS = { aws: 5_000, local: 500 };

/** @param finish receives the exit code */
export function statusCommand(finish: (exitCode: number) => void, run = status): Command {
  const command = new Command('status')
    .summary('say how services stand')
    .description(
      'Shows sides, traffic, the deployment under way and what it waits for, what waits, and what was last.',
    )
    .argument('[service]', 'the service, as in sidestep.yaml; all if absent')
    .option('--watch', 'look again and again; Ctrl-C stops watching');
  return addStackOptions(command)
    .option('--json', 'one JSON object on stdout; with --watch one a line, for each change')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (service: string | undefined, options: StatusOptions) =>
      finish(await run(service, options)),
    );
}

const EXAMPLES = `Examples:
  sidestep status
  sidestep status orders --watch
  sidestep status orders --json | jq '.services[0].deployment.waitsFor'
`;

async function status(service: string | undefined, options: StatusOptions): Promise<number> {
  const stack = await connect(options);
  const look = lookerAt(stack, service);
  if (options.watch) await watch(look, stack, { service, json: options.json });
  else tell(await look(), options);
  return 0;
}

type Look = () => Promise<StatusDocument>;

function lookerAt(stack: ConnectedStack, service: string | undefined): Look {
  const { runtime, place, now, commandLine } = stack;
  return async () => {
    const [configurations, nowMs] = await Promise.all([knownServices(stack, service), now()]);
    const commandOf = (word: string, name: string): string => commandLine(word, name);
    const services = await gatherStatus({ configurations, runtime, nowMs, commandOf });
    return { place, at: iso(nowMs), services };
  };
}

function tell(document: StatusDocument, { json }: StatusOptions): void {
  const { result } = createOutput();
  if (json) result(JSON.stringify(document));
  else for (const line of statusText(document, paintFor(process.stdout))) result(line);
}

/** Never ends by itself. */
function watch(
  look: Look,
  stack: ConnectedStack,
  { service, json }: { readonly service?: string; readonly json?: boolean },
): Promise<never> {
  const output = createOutput();
  const show = json ? showJson(output.result) : showText(output.result);
  const back = (): string[] => [
    'nothing but the watching has stopped',
    `  come back to it:   ${stack.commandLine('status', ...(service ? [service] : []), '--watch')}`,
    `  stop a deployment: ${stack.commandLine('abort', service ?? '<service>')}`,
  ];
  const work = async (signal: AbortSignal): Promise<never> => {
    for (;;) {
      show(await look());
      await pause(stack.isLocal ? EVERY_MS.local : EVERY_MS.aws, signal);
    }
  };
  return untilDetached(work, back, output);
}

type Show = (document: StatusDocument) => void;

function showJson(result: (line: string) => void): Show {
  let before: StatusDocument | undefined;
  return (now) => {
    if (differ(before, now)) result(JSON.stringify(now));
    before = now;
  };
}

/** Drawn over itself on a terminal; elsewhere a line for each change. */
function showText(result: (line: string) => void): Show {
  const screen = screenOn(process.stdout);
  const paint = paintFor(process.stdout);
  let before: StatusDocument | undefined;
  return (now) => {
    if (screen) screen.draw(statusText(now, paint));
    else for (const line of changesBetween(before, now)) result(line);
    before = now;
  };
}
