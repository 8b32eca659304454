/** `sidestep approve | reject | promote | pause | resume | abort | rollback`: a person's word to a deployment that is under way. */
import { Command } from 'commander';
import { lambda } from '../lambdas/aws/lambda.ts';
import { type SignalName, serviceOf } from '../lambdas/common/deployment.ts';
import { OUTCOME_EXIT_CODES } from './exit-codes.ts';
import { CannotDo } from './failures.ts';
import { createOutput } from './output.ts';
import { addStackOptions } from './request-options.ts';
import { connect, type StackOptions } from './stack.ts';

interface SignalOptions extends StackOptions {
  reason?: string;
  digest?: string;
  all?: boolean;
  force?: boolean;
  json?: boolean;
}

const SUMMARIES: Readonly<Record<SignalName, string>> = {
  approve: 'let the traffic step that waits for approval happen',
  reject: 'refuse it: the deployment steps back',
  promote: 'end this bake now, or all of them with --all',
  pause: 'go no further before `resume`',
  resume: 'go on after a pause',
  abort: 'stop the deployment and step back',
  rollback: 'give the traffic back to blue while it stands by',
};

/** The function records the word, and looks at the deployment's wait before it answers. */
const ANSWER_SECONDS_MAX = 60;

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
    if (name === 'abort') command.option('--force', 'do not wait for a migration that runs');
    return command;
  });
}

async function sendSignal(name: SignalName, target: string, options: SignalOptions): Promise<number> {
  const { reason, digest, all, force, json } = options;
  const output = createOutput({ json });
  const stack = await connect(options);
  const where = serviceOf(target) ? { deploymentId: target } : { service: target };
  const event = { ...where, signal: name, by: stack.caller, reason, digest, all, force };
  const answer = await lambda(stack.runtime).invoke(stack.signalFunctionName, event, ANSWER_SECONDS_MAX);
  if (answer.answered) {
    const { deploymentId } = answer.payload as { readonly deploymentId: string };
    output.result(
      json ? JSON.stringify(answer.payload) : `${name}: ${deploymentId} was told, as ${stack.caller}`,
    );
    return 0;
  }
  const [, error = '', reasonOf = answer.reason] = /^(\w+): (.*)$/s.exec(answer.reason) ?? [];
  const text = `${name} was refused: ${reasonOf}`;
  if (error !== 'SignalRefused') throw new CannotDo(text);
  process.stderr.write(`${text}\n`);
  return OUTCOME_EXIT_CODES.REFUSED;
}
