/** Wraps a step into a handler: reads the record, opens the journal, logs at the edge, names transient failures. */
import { asTransient } from '../aws/client.ts';
import { dynamodb, type Table } from '../aws/dynamodb.ts';
import { mayGoOn, mayStart } from '../decisions/orders.ts';
import { unverifiedDigest } from '../decisions/verified.ts';
import { getDeployment } from '../table/deployments.ts';
import { type Journal, openJournal } from '../table/journal.ts';
import { audited } from './audited.ts';
import type { Deployment, StepInput } from './deployment.ts';
import { StepMiscalled } from './errors.ts';
import type { Create } from './on-lambda.ts';
import type { Log, Runtime } from './runtime.ts';
import { stopError } from './stop.ts';

export { type Create, onLambda } from './on-lambda.ts';
export { stopError } from './stop.ts';

/** What every handler has, whatever else it asks for. */
export interface Ground {
  readonly table: Table;
  readonly now: () => number;
  readonly log: Log;
}

type Factories = Readonly<Record<string, (runtime: Runtime) => unknown>>;
type Built<F extends Factories> = { readonly [K in keyof F]: ReturnType<F[K]> };

/** A step of a deployment that has a record: gets its journal, the ports that it asked for, and its input. */
export type Step<P> = (journal: Journal, ports: P & Ground, input: StepInput) => Promise<object>;

/** A handler that is called with an event or a raw input. */
export type Reaction<P> = (event: unknown, ports: P & Ground) => Promise<object>;

/** Makes the handler of a state that works on a deployment's record. `state` is the state's name. */
export function step<F extends Factories>(state: string, run: Step<Built<F>>, factories: F): Create {
  return reaction(
    state,
    async (event, ports) => {
      const input = parseStepInput(event);
      const { deploymentId, executionArn } = input;
      const deployment = await getDeployment(ports.table, deploymentId);
      ports.log.append({ deploymentId, service: deployment.service });
      requireToGoOn(state, deployment, ports.now());
      requireVerified(state, deployment);
      const journal = openJournal(deployment, { table: ports.table, now: ports.now, executionArn, state });
      const audit = audited(ports, { ...ports, deployment, executionArn, state });
      try {
        return await run(journal, audit.ports, input);
      } finally {
        await audit.flush();
      }
    },
    factories,
  );
}

/** A gate is passed in the record or not at all, whatever brought the machine here. @throws StepMiscalled */
function requireVerified(state: string, deployment: Deployment): void {
  const unverified = unverifiedDigest(state, deployment);
  if (unverified === undefined) return;
  throw new StepMiscalled(`${state} was reached before ${unverified} had passed the gates on the image`);
}

/** @throws DeploymentAborted, DeadlinePassed: a person's word, or the time, ends a deployment before its next step */
export function requireToGoOn(state: string, deployment: Deployment, nowMs: number): void {
  const verdict = mayGoOn(state, deployment, nowMs);
  if (verdict.stop) throw stopError(verdict);
}

/** The same for a state that judges it by itself, before it starts anything. @throws DeploymentAborted, DeadlinePassed */
export function requireToStart(state: string, deployment: Deployment, nowMs: number): void {
  const verdict = mayStart(state, deployment, nowMs);
  if (verdict.stop) throw stopError(verdict);
}

/** Makes the handler of anything else: an event, a schedule, or a state that has no record yet. */
export function reaction<F extends Factories>(name: string, run: Reaction<Built<F>>, factories: F): Create {
  return (runtime) => {
    const built = Object.fromEntries(Object.entries(factories).map(([key, make]) => [key, make(runtime)]));
    const ports = { ...(built as Built<F>), table: dynamodb(runtime), now: runtime.now, log: runtime.log };
    return async (event) => {
      // A warm function still has the keys of its last invocation.
      ports.log.append({ step: name, deploymentId: undefined, service: undefined });
      try {
        return await run(event, ports);
      } catch (cause) {
        const error = asTransient(cause);
        const name = error instanceof Error ? error.name : 'Unknown';
        if (name.endsWith('Yet')) ports.log.info('step has to be tried again', { reason: messageOf(error) });
        else ports.log.error('step failed', { error: name, reason: messageOf(error) });
        throw error;
      }
    };
  };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function parseStepInput(event: unknown): StepInput {
  const { deploymentId, executionArn } = (event ?? {}) as Partial<StepInput>;
  if (typeof deploymentId !== 'string' || typeof executionArn !== 'string') {
    throw new StepMiscalled('a step is called by the state machine, with deploymentId and executionArn');
  }
  return event as StepInput;
}
