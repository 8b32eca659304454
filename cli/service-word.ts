/** Says a word about a service, and tells what holds the service back from then on. */
import type { Restraints } from '../lambdas/table/restraints.ts';
import { OUTCOME_EXIT_CODES } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { say, type Word } from './say.ts';
import { type ConnectedStack, connect, type StackOptions } from './stack.ts';
import { iso } from './status/progress.ts';
import { clock } from './status/text.ts';

export interface ServiceWordOptions extends StackOptions {
  json?: boolean;
}

/** @returns the exit code: 14 if the word was refused */
export async function sayOfService(
  service: string,
  wordFor: (stack: ConnectedStack) => Promise<Word> | Word,
  options: ServiceWordOptions,
): Promise<number> {
  const output = createOutput();
  const stack = await connect(options);
  const word = await wordFor(stack);
  const said = await say(stack, service, word);
  if (!said.accepted) {
    output.progress(`${word.signal} was refused: ${said.reason}`);
    return OUTCOME_EXIT_CODES.REFUSED;
  }
  const text = describeRestraints(service, said.answer as Restraints);
  output.result(options.json ? JSON.stringify(said.answer) : `${text} (said as ${stack.caller})`);
  return 0;
}

function describeRestraints(service: string, { frozen, suspended }: Restraints): string {
  const told = [
    frozen && `is frozen until ${clock(iso(frozen.untilMs))}: ${frozen.why}`,
    suspended && `deploys nothing by itself until \`resume\`: ${suspended.why}`,
  ].filter(Boolean);
  return `${service} ${told.join('; ') || 'deploys by itself'}`;
}
