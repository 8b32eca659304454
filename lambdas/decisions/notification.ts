/** Which transitions a person wants to hear of, and in which words: in the form that Amazon Q in chat renders. */
import type { DeploymentEvent, ServiceEvent } from '../common/event-schema.ts';
import type { Told } from './transitions.ts';

/** A custom notification of Amazon Q Developer in chat applications, version 1.0. */
export interface Notification {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly id: string;
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps?: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    /** Messages of one deployment stand in one thread. */
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: string;
    readonly relatedResources: readonly string[];
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

/** The channel shortens nothing by itself. */
const TITLE_MAX = 250;
const DESCRIPTION_MAX = 1000;

interface Words {
  readonly title: string;
  readonly description: string;
  readonly nextSteps?: readonly string[];
}

/** @returns undefined for what only machines want to hear: stages, words that led to nothing, versions that nobody shifts to */
export function notificationOf(told: Told): Notification | undefined {
  const words =
    told.of === 'service' ? serviceWords(told.event) : deploymentWords(told.event, told.deployment);
  if (!words) return undefined;
  const { service, transition, sequence } = told.event;
  const { title, description, nextSteps = [] } = words;
  const deployment = told.of === 'deployment' ? told.event : undefined;
  return {
    version: '1.0',
    source: 'custom',
    id: sequence,
    content: {
      textType: 'client-markdown',
      title: cut(title, TITLE_MAX),
      description: cut(description, DESCRIPTION_MAX),
      ...(nextSteps.length > 0 && { nextSteps }),
      keywords: [service, transition],
    },
    metadata: {
      threadId: told.event.deploymentId ?? `${service}-restraints`,
      summary: cut(title, TITLE_MAX),
      eventType: transition,
      relatedResources: deployment?.image ? [deployment.image] : [],
      additionalContext: {
        service,
        ...(told.event.deploymentId && { deploymentId: told.event.deploymentId }),
        ...(deployment?.digest && { digest: deployment.digest }),
        ...(told.event.reason && { reason: cut(told.event.reason, DESCRIPTION_MAX) }),
      },
    },
  };
}

const cut = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max - 1)}…`);
const command = (words: string): string => `\`npx ecs-sidestep ${words}\``;

function deploymentWords(
  event: DeploymentEvent,
  deployment: Extract<Told, { of: 'deployment' }>['deployment'],
): Words | undefined {
  const { service, transition, deploymentId, reason = '' } = event;
  const what = versionOf(event);
  const titled = (text: string) => `${service}: ${text}`;
  switch (transition) {
    case 'QUEUED':
      return { title: titled(`${what} waits`), description: reason || 'Another deployment is under way.' };
    case 'STARTED':
      return {
        title: titled(`deployment of ${what} started`),
        description: `${startedBy(event)}, strategy *${event.strategy}*.`,
        nextSteps: [
          `Watch it: ${command(`status ${service} --watch`)}`,
          `Stop it: ${command(`abort ${service}`)}`,
        ],
      };
    case 'WEIGHTS_CHANGED':
      return {
        title: titled(`${event.greenPercent} % of the traffic on ${what}`),
        description: `Green, \`${deployment?.green.service ?? ''}\`, has ${event.greenPercent} %.`,
      };
    case 'WAITING_FOR_APPROVAL':
      return {
        title: titled(`${what} waits for approval`),
        description: `*${event.gate}* can be given until ${event.expiresAt}. Digest \`${event.digest}\`.`,
        nextSteps: [
          `Approve: ${command(`approve ${service} --digest ${event.digest}`)}`,
          `Reject: ${command(`reject ${service} --reason '…'`)}`,
        ],
      };
    case 'PAUSED':
      return {
        title: titled(`${what} pauses`),
        description: reason,
        nextSteps: [`Go on: ${command(`resume ${service}`)}`, `Step back: ${command(`abort ${service}`)}`],
      };
    case 'SIGNAL_RECEIVED':
      return {
        title: titled(`${event.signal?.name} by ${event.signal?.session ?? lastPart(event.signal?.by)}`),
        description: [`\`${event.signal?.by}\``, event.signal?.reason].filter(Boolean).join(': '),
      };
    case 'SUCCEEDED':
      // Without blue to keep the end comes at once, and says the same.
      if (!deployment?.configuration.keepBlueSeconds) return undefined;
      return {
        title: titled(`${what} serves, and blue stands by`),
        description: `For ${deployment.configuration.keepBlueSeconds} s the way back is one write.`,
        nextSteps: [`Go back: ${command(`rollback ${service}`)}`],
      };
    case 'ROLLBACK_STARTED':
      return {
        title: titled(`${what} is not good: stepping back`),
        description: 'The traffic goes back first.',
      };
    case 'RECOVERY_STARTED':
      return { title: titled('a deployment is taken over'), description: reason };
    case 'SUCCESSFUL':
      return { title: titled(`${what} is deployed`), description: reason || 'Green serves all the traffic.' };
    case 'DRAIN_FAILED':
      return {
        title: titled(`${what} serves, but blue did not stop`),
        description: reason,
        nextSteps: ['Look at the tasks of blue, and stop them by hand.'],
      };
    case 'ROLLBACK_SUCCESSFUL':
      return {
        title: titled(`${what} was rolled back`),
        description: reason,
        nextSteps: [`Read what happened: ${command(`show ${deploymentId}`)}`],
      };
    case 'ROLLBACK_FAILED':
    case 'HALTED':
      return {
        title: titled(
          `${what} ${transition === 'HALTED' ? 'is halted' : 'could not be rolled back'}: a person must look`,
        ),
        description: reason,
        nextSteps: [
          `Read what happened: ${command(`show ${deploymentId}`)}`,
          `When it is put right, start the state machine with \`{"recover": "${deploymentId}"}\`.`,
        ],
      };
    case 'STOPPED':
      return { title: titled(`${what} was stopped`), description: reason };
    case 'REFUSED':
      return { title: titled(`${what} was refused`), description: reason };
    default:
      return undefined;
  }
}

function serviceWords({ service, transition, by, session, reason, until }: ServiceEvent): Words {
  const who = session ?? lastPart(by);
  const why = [`\`${by}\``, reason].filter(Boolean).join(': ');
  switch (transition) {
    case 'FROZEN':
      return {
        title: `${service}: frozen until ${until} by ${who}`,
        description: why,
        nextSteps: [`Lift it: ${command(`unfreeze ${service}`)}`],
      };
    case 'UNFROZEN':
      return { title: `${service}: no longer frozen, by ${who}`, description: why };
    case 'SUSPENDED':
      return {
        title: `${service}: automatic deployment suspended by ${who}`,
        description: why,
        nextSteps: [`Deploy by itself again: ${command(`resume ${service}`)}`],
      };
    case 'RESUMED':
      return { title: `${service}: deploys by itself again, by ${who}`, description: why };
    case 'ROLLBACK_REQUESTED':
      return { title: `${service}: ${who} goes back to an earlier version`, description: why };
  }
}

const lastPart = (arn = ''): string => arn.slice(arn.lastIndexOf('/') + 1);

/** `v2`, or the beginning of the digest. */
function versionOf({ tag, digest = '' }: DeploymentEvent): string {
  return tag ?? digest.slice(0, 'sha256:'.length + 12);
}

function startedBy({ startedBy: kind, tag, digest }: DeploymentEvent): string {
  if (kind === 'push') return `A push of ${tag ?? digest} started it`;
  return kind === 'schedule' ? 'A schedule started it' : 'A person started it';
}
