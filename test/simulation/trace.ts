/** The trace of a run as one hash: every history event and every API call, in order. */
import { createHash } from 'node:crypto';
import type { VirtualCloud } from '../../local/virtual.ts';

export interface Trace {
  readonly eventCount: number;
  readonly callCount: number;
  /** What happened, for people: states entered, tasks failed, executions ended, people's calls that change something. */
  readonly story: readonly string[];
  /** Hexadecimal; can be asked for once. */
  digest(): string;
}

type Event = Parameters<Parameters<VirtualCloud['states']['onHistoryEvent']>[0]>[1];

function lineOf({ type, stateEnteredEventDetails, ...details }: Event): string | undefined {
  if (stateEnteredEventDetails) return stateEnteredEventDetails.name;
  if (!/^Execution|Failed$|TimedOut$/.test(type ?? '') || type === 'LambdaFunctionFailed') return undefined;
  const told = Object.entries(details).find(([name]) => name.endsWith('EventDetails'))?.[1];
  return `${type} ${JSON.stringify(told ?? {}).slice(0, 500)}`;
}

/** Drawn by the SDK from real randomness where a person's client leaves them out; Sidestep gives its own. */
const TOKENS = new Set(['ClientRequestToken', 'clientRequestToken']);

export function recordTrace({ endpoint, states, clock }: VirtualCloud): Trace {
  const startMs = clock.now();
  const story: string[] = [];
  const tell = (line: string): void =>
    void story.push(`${((clock.now() - startMs) / 1_000).toFixed(1)} s  ${line}`);
  const hash = createHash('sha256');
  const counts = { events: 0, calls: 0 };
  const add = (...things: unknown[]): void => {
    hash.update(JSON.stringify(things, (key, value) => (TOKENS.has(key) ? undefined : value)));
  };
  endpoint.intercept({
    before({ atMs, caller, service, operation, input }) {
      counts.calls += 1;
      add(atMs, caller, service, operation, input);
    },
    after({ caller, operation, input }) {
      if (
        /^(Modify|Update|Register|Stop|PutImage|StartExecution)/.test(operation) &&
        operation !== 'UpdateItem'
      )
        tell(`${caller} ${operation} ${JSON.stringify(input).slice(0, 400)}`);
    },
  });
  states.onHistoryEvent((executionArn, event) => {
    counts.events += 1;
    add(executionArn, event);
    const line = lineOf(event);
    if (line) tell(`${executionArn.split(':').at(-1)}  ${line}`);
  });
  return {
    story,
    get eventCount() {
      return counts.events;
    },
    get callCount() {
      return counts.calls;
    },
    digest: () => hash.digest('hex').slice(0, 16),
  };
}
