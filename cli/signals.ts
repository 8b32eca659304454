/** `sidestep approve | reject | promote | pause | resume | abort | rollback`: a person's word to a deployment that is under way. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Command } from 'commander';
import { type SignalName, serviceOf } from '../lambdas/common/deployment.ts';
import { FAILED, OUTCOME_EXIT_CODES } from './exit-codes.ts';
import { CannotDo } from './failures.ts';
import { createOutput } from './output.ts';
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

export type SendSignal = (name: SignalName, target: string, options: SignalOptions) => Promise<number>;

/** One command for each signal. @param finish receives the exit code */
export function signalCommands(finish: (exitCode: number) => void, send: SendSignal = sendSignal): Command[] {
  return (Object.keys(SUMMARIES) as SignalName[]).map((name) => {
    const command = new Command(name)
      .summary(SUMMARIES[name])
      .argument('<service>', 'the service, or the id of its deployment')
      .option('--reason <text>', 'why, for the record')
      .option(
        '--endpoint-url <url>',
        'a local cloud; the one that runs in this directory, or else AWS, if absent',
      )
      .option('--prefix <word>', "the stack's prefix; sidestep if absent")
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
  const client = new LambdaClient(stack.runtime.clientConfiguration);
  const event = { ...where, signal: name, by: stack.caller, reason, digest, all, force };
  const { Payload, FunctionError } = await client.send(
    new InvokeCommand({ FunctionName: stack.signalFunctionName, Payload: JSON.stringify(event) }),
  );
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString('utf8') || '{}') as Answer;
  if (!FunctionError) {
    output.result(
      json ? JSON.stringify(answer) : `${name}: ${answer.deploymentId} was told, as ${stack.caller}`,
    );
    return 0;
  }
  const text = `${name} was refused: ${answer.errorMessage}`;
  if (answer.errorType !== 'SignalRefused' && answer.errorType !== 'BadInput') throw new CannotDo(text);
  process.stderr.write(`${text}\n`);
  return answer.errorType === 'SignalRefused' ? OUTCOME_EXIT_CODES.REFUSED : FAILED;
}

interface Answer {
  readonly deploymentId?: string;
  readonly errorType?: string;
  readonly errorMessage?: string;
}
