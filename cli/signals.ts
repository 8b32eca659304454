/** `sidestep approve | reject | promote | pause | resume | abort | rollback`: a person's word to a deployment that is under way. */
import { Command } from 'commander';
import type { SignalName } from '../lambdas/common/deployment.ts';
import { OUTCOME_EXIT_CODES } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { addStackOptions } from './request-options.ts';
import { say } from './say.ts';
import { connect, type StackOptions } from './stack.ts';

interface SignalOptions extends StackOptions {
  reason?: string;
  digest?: string;
  all?: boolean;
  force?: boolean;
  to?: string;
  json?: boolean;
}

const SUMMARIES: Readonly<Record<SignalName, string>> = {
  approve: 'let the traffic step that waits for approval happen',
  reject: 'refuse it: the deployment steps back',
  promote: 'end this bake now, or all of them with --all',
  pause: 'go no further before `resume`',
  resume: 'go on after a pause, and deploy by itself again after a rollback or `suspend`',
  abort: 'stop the deployment and step back',
  rollback: 'go back to the last good version, and stay there until `resume`',
};

export type SendSignal = (name: SignalName, target: string, options: SignalOptions) => Promise<number>;

/** One command for each signal. @param finish receives the exit code */
export function signalCommands(finish: (exitCode: number) => void, send: SendSignal = sendSignal): Command[] {
  return (Object.keys(SUMMARIES) as SignalName[]).map((name) => {
    const command = new Command(name)
      .summary(SUMMARIES[name])
      .argument('<service>', 'the service, or the id of its deployment')
      .option('--reason <text>', 'why, for the record');
    addStackOptions(command)
      .option('--json', 'one JSON object on stdout')
      .addHelpText('beforeAll', `Examples:\n  sidestep ${name} orders --reason 'as agreed'\n`)
      .action(async (target: string, options: SignalOptions) => finish(await send(name, target, options)));
    if (name === 'approve' || name === 'reject')
      command.option('--digest <sha256:…>', 'the digest that is meant; the one that is asked for if absent');
    if (name === 'promote') command.option('--all', 'every later bake too');
    if (name === 'rollback')
      command.option(
        '--to <id>',
        'the deployment whose version is to come back; the last good one if absent',
      );
    if (name === 'abort') command.option('--force', 'do not wait for a migration that runs');
    return command;
  });
}

async function sendSignal(name: SignalName, target: string, options: SignalOptions): Promise<number> {
  const { reason, digest, all, force, to, json } = options;
  const output = createOutput();
  const stack = await connect(options);
  const said = await say(stack, target, { signal: name, reason, digest, all, force, to });
  if (said.accepted) {
    output.result(
      json ? JSON.stringify(said.answer) : `${name}: ${describe(said.answer)}, as ${stack.caller}`,
    );
    return 0;
  }
  output.progress(`${name} was refused: ${said.reason}`);
  return OUTCOME_EXIT_CODES.REFUSED;
}

/** What became of a word. */
function describe({ deploymentId, execution, service, lifted }: Readonly<Record<string, unknown>>): string {
  const told = [
    lifted && `${service} deploys by itself again`,
    deploymentId && `${deploymentId} was told`,
    execution && `${execution} brings the earlier version back`,
  ];
  return told.filter(Boolean).join(', ');
}
