/** Something changed, somebody spoke, or a minute has passed: the waits that it concerns look again for themselves. */
import { onLambda, type Reaction, reaction } from './common/step.ts';
import { deploymentWaitKey } from './common/wait-keys.ts';
import { type OpenWait, queryOpenWaits } from './table/open-waits.ts';
import { imageKey } from './waits/image.ts';
import { LOOK_PORTS, type LookPorts, lookAgain } from './waits/looks.ts';
import { alarmKey } from './waits/wait.ts';

const wakeDeployment: Reaction<Omit<LookPorts, 'table' | 'log' | 'now'>> = async (event, ports) => {
  const concerns = concernOf(event);
  const waits = await queryOpenWaits(ports.table);
  const concerned = waits.filter(concerns);
  await lookAgain(concerned, ports);
  return { looked: concerned.length };
};

export const create = reaction('WakeDeployment', wakeDeployment, LOOK_PORTS);
export const handler = onLambda(create);

interface AwsEvent {
  /** Said by the sweep. */
  everyWait?: boolean;
  resources?: string[];
  detail?: {
    clusterArn?: string;
    group?: string;
    alarmName?: string;
    serviceArn?: string;
    'image-digest'?: string;
  };
}

function concernOf(event: unknown): (wait: OpenWait) => boolean {
  if ((event as AwsEvent | null)?.everyWait === true) return () => true;
  const changed = new Set(changedBy(event));
  return ({ wokenBy, deploymentId }) =>
    [...wokenBy, deploymentWaitKey(deploymentId)].some((key) => changed.has(key));
}

/** The keys of what an event is about: an event is a hint where to look, never a fact. */
function changedBy(event: unknown): string[] {
  const { resources = [], detail = {} } = (event ?? {}) as AwsEvent;
  const keys = [...resources];
  // Of a lifecycle hook: its resource is the service deployment.
  if (detail.serviceArn) keys.push(detail.serviceArn);
  if (detail.alarmName) keys.push(alarmKey(detail.alarmName));
  const digest = detail['image-digest'];
  if (digest) keys.push(imageKey(digest));
  const service = /^service:(.+)$/.exec(detail.group ?? '')?.[1];
  // A task's event names its service by group; service ARNs are `…:service/cluster/name`.
  if (service && detail.clusterArn)
    keys.push(`${detail.clusterArn.replace(':cluster/', ':service/')}/${service}`);
  return keys;
}
