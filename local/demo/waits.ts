/** Tells what the deployment waits for while it waits: how many tasks run and are pending, as it changes. */
import type { Endpoint } from '../wire/endpoint.ts';
import { readOpenWaits } from '../world/inspect.ts';
import type { DemoEvent } from './result.ts';
import type { Setting } from './setting.ts';

type WaitsEvent = Extract<DemoEvent, { kind: 'waits' }>;

/** Calls back after every note of a function about an open wait; the result ends that. */
export function onWaitNoted(endpoint: Pick<Endpoint, 'intercept'>, noted: () => void): () => void {
  return endpoint.intercept({
    after({ service, operation, input }) {
      const { Key } = input as { Key?: { pk?: { S?: string } } };
      if (service === 'dynamodb' && operation === 'UpdateItem' && Key?.pk?.S === 'waits') noted();
    },
  });
}

/** States whose waits count tasks; what the others wait for does not change before they end. */
const COUNTING: readonly string[] = [
  'StopBlue',
  'WaitForSteadyState',
  'DrainBlue',
  'StopGreen',
  'WaitForBlue',
];

/** @returns a look at the open waits, which gives those that wait for something else than at the look before */
export function createWaitTeller(
  { clients, cloud, deployed }: Pick<Setting, 'clients' | 'cloud' | 'deployed'>,
  startedAtMs: number,
): () => Promise<WaitsEvent[]> {
  let last = '';
  return async () => {
    const { TableName = '' } = deployed.outputs;
    const atCloudSeconds = (cloud.clock.now() - startedAtMs) / 1000;
    const events: WaitsEvent[] = [];
    for (const { state, waitingFor } of await readOpenWaits(clients, TableName)) {
      if (!COUNTING.includes(state) || waitingFor === undefined || `${state} ${waitingFor}` === last)
        continue;
      last = `${state} ${waitingFor}`;
      events.push({ kind: 'waits', name: state, waitingFor, atCloudSeconds });
    }
    return events;
  };
}
