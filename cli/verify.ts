/** `sidestep verify`: whether a deployment would find everything as it must be; nothing is changed. */
import { Command } from 'commander';
import { NOT_READY } from './exit-codes.ts';
import { knownServices } from './known-service.ts';
import { createOutput, paintFor } from './output.ts';
import { addStackOptions } from './request-options.ts';
import { type ConnectedStack, connect, type StackOptions } from './stack.ts';
import { type Check, checkAll } from './verify/checks.ts';
import { STATUSES, type Status, worstOf } from './verify/finding.ts';
import { gatherFacts } from './verify/gather.ts';
import { verifyPorts } from './verify/ports.ts';
import { verifiedText } from './verify/text.ts';

export interface VerifyOptions extends StackOptions {
  json?: boolean;
}

/** The result; with `--json` it is printed as it is. */
export interface Verified {
  readonly place: string;
  /** The worst of all. */
  readonly status: Status;
  readonly services: readonly {
    readonly service: string;
    readonly status: Status;
    readonly checks: readonly Check[];
  }[];
  /** Findings by status. */
  readonly counts: Readonly<Record<Status, number>>;
}

/** @param finish receives the exit code */
export function verifyCommand(finish: (exitCode: number) => void, run = verify): Command {
  const command = new Command('verify')
    .summary('say whether a deployment would find everything as it must be')
    .description(
      'Looks and changes nothing. Each line is OK, WARN, NG or SKIP (nobody could tell), with what to do. NG ends it with 3.',
    )
    .argument('[service]', 'the service, as in sidestep.yaml; all of them if absent');
  return addStackOptions(command)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('beforeAll', EXAMPLES)
    .action(async (service: string | undefined, options: VerifyOptions) =>
      finish(await run(service, options)),
    );
}

const EXAMPLES = `Examples:
  sidestep verify
  sidestep verify orders --json
`;

async function verify(service: string | undefined, options: VerifyOptions): Promise<number> {
  const output = createOutput();
  const stack = await connect(options);
  const verified = await verifyAll(service, stack);
  if (options.json) output.result(JSON.stringify(verified));
  else output.result(verifiedText(verified, paintFor(process.stdout)));
  return verified.status === 'NG' ? NOT_READY : 0;
}

async function verifyAll(service: string | undefined, stack: ConnectedStack): Promise<Verified> {
  const ports = verifyPorts(stack, await stack.now());
  const configurations = await knownServices(stack, service);
  const services = [];
  for (const configuration of configurations) {
    const checks = checkAll(await gatherFacts(configuration, ports));
    services.push({ service: configuration.name, status: worstOf(checks), checks });
  }
  const findings = services.flatMap(({ checks }) => checks.flatMap((check) => check.findings));
  const count = (status: Status): number => findings.filter((finding) => finding.status === status).length;
  const counts = Object.fromEntries(STATUSES.map((status) => [status, count(status)])) as Verified['counts'];
  return { place: stack.place, status: worstOf(services), services, counts };
}
