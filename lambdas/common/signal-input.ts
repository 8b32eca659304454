/** What signal-deployment is called with. */
import { SIGNALS, type SignalName } from './deployment.ts';
import { BadInput } from './errors.ts';

export interface SignalInput {
  /** The service, if its present deployment is meant. */
  readonly service?: string;
  readonly deploymentId?: string;
  readonly signal: SignalName;
  /** Who says it: an ARN. */
  readonly by: string;
  readonly reason?: string;
  readonly digest?: string;
  readonly all?: boolean;
  readonly force?: boolean;
}

/** @throws BadInput that names the member, what was found and what is allowed */
export function parseSignal(event: unknown): SignalInput {
  const members = (typeof event === 'object' && event !== null ? event : {}) as Record<string, unknown>;
  const text = (member: string): string | undefined => {
    const value = members[member];
    if (value === undefined || (typeof value === 'string' && value.trim() !== '')) return value;
    throw new BadInput(`${member} is ${JSON.stringify(value)}; it must be a text that is not empty`);
  };
  const flag = (member: string): boolean | undefined => (members[member] === true ? true : undefined);
  const signal = SIGNALS.find((name) => name === members.signal);
  if (!signal)
    throw new BadInput(`signal is ${JSON.stringify(members.signal)}; allowed are ${SIGNALS.join(', ')}`);
  const service = text('service');
  const deploymentId = text('deploymentId');
  if ((service === undefined) === (deploymentId === undefined))
    throw new BadInput('give one of service and deploymentId');
  const by = text('by');
  if (by === undefined) throw new BadInput('by is missing: a signal is recorded with who sent it');
  return {
    service,
    deploymentId,
    signal,
    by,
    reason: text('reason'),
    digest: text('digest'),
    all: flag('all'),
    force: flag('force'),
  };
}
