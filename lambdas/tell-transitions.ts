/** The table's stream: tells the transitions of deployments to the bus, to people and to CloudWatch. */
import { changesIn } from './aws/change-records.ts';
import { eventbridge } from './aws/eventbridge.ts';
import { sns } from './aws/sns.ts';
import { environment, metricsNamespace } from './common/config.ts';
import { BadInput } from './common/errors.ts';
import type { Runtime } from './common/runtime.ts';
import { type Ground, messageOf, onLambda, type Reaction, reaction } from './common/step.ts';
import { DEPLOYMENT_DETAIL_TYPE, EVENT_SOURCE, SERVICE_DETAIL_TYPE } from './common/transition-words.ts';
import { metricsOf } from './decisions/metrics.ts';
import { notificationOf } from './decisions/notification.ts';
import { type Told, transitionsOf } from './decisions/transitions.ts';

const FACTORIES = {
  eventbridge,
  sns,
  namespace: ({ env }: Runtime) => metricsNamespace(environment(env).configurationPrefix),
};
type Built = { readonly [K in keyof typeof FACTORIES]: ReturnType<(typeof FACTORIES)[K]> };
type Ports = Built & Ground;

/** A transition, and the sequence number of the record that tells it. */
interface Telling {
  readonly told: Told;
  readonly record: string;
}

/** What Lambda reads: from this record on it delivers the batch again. */
interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * In order: events, notifications, metrics. What fails is delivered again with all that comes after it, so that nothing
 * is lost and an event may come twice, with the same sequence.
 */
const tellTransitions: Reaction<Built> = async (event, ports): Promise<BatchAnswer> => {
  const changes = changesIn(event);
  if (!changes) throw new BadInput("tell-transitions takes a batch of the table's stream");
  const tellings = changes.flatMap((change) =>
    transitionsOf(change).map((told): Telling => ({ told, record: change.sequence })),
  );
  const put = await putEvents(tellings, ports);
  const failed = (await tellPeople(tellings, put, ports)) ?? put;
  measure(failed === undefined ? tellings : before(tellings, failed), ports);
  return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
};

export const create = reaction('TellTransitions', tellTransitions, FACTORIES);
export const handler = onLambda(create);

/** @returns the record from which on events were not taken */
async function putEvents(
  tellings: readonly Telling[],
  { eventbridge, log }: Ports,
): Promise<string | undefined> {
  const events = tellings.map(({ told: { of, event } }) => ({
    source: EVENT_SOURCE,
    detailType: of === 'deployment' ? DEPLOYMENT_DETAIL_TYPE : SERVICE_DETAIL_TYPE,
    detail: event,
    at: event.at,
  }));
  try {
    const refused = await eventbridge.putEvents(events);
    if (refused) log.error('an event was not taken', { ...refused });
    return refused && tellings[refused.index]?.record;
  } catch (error) {
    log.error('events could not be put', { reason: messageOf(error) });
    return tellings[0]?.record;
  }
}

/** Only of what the bus has been told. @returns the record whose notification failed */
async function tellPeople(
  tellings: readonly Telling[],
  until: string | undefined,
  { sns, log }: Ports,
): Promise<string | undefined> {
  for (const { told, record } of until === undefined ? tellings : before(tellings, until)) {
    const notification = notificationOf(told);
    if (!notification) continue;
    try {
      await sns.publish(notification);
    } catch (error) {
      log.error('people could not be told', { transition: told.event.transition, reason: messageOf(error) });
      return record;
    }
  }
  return undefined;
}

function measure(tellings: readonly Telling[], { log, namespace }: Ports): void {
  for (const { told } of tellings) {
    const metrics = metricsOf(told, namespace);
    if (metrics) log.info('deployment measured', metrics);
  }
}

function before(tellings: readonly Telling[], record: string): readonly Telling[] {
  return tellings.slice(
    0,
    tellings.findIndex((telling) => telling.record === record),
  );
}
