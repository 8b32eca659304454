/** How a state waits: the token is stored, one look is taken, and whoever sees it decided answers. */
import type { Sfn } from '../aws/sfn.ts';
import type { Deployment, StepInput } from '../common/deployment.ts';
import { StepMiscalled } from '../common/errors.ts';
import { type Ground, messageOf, stopError } from '../common/step.ts';
import { mayGoOn } from '../decisions/orders.ts';
import type { Journal } from '../table/journal.ts';
import { closeWait, noteWaitingFor, type OpenWait, openWait } from '../table/open-waits.ts';
import { failed, type Look } from './look.ts';

export interface AnswerPorts extends Pick<Ground, 'table' | 'log'> {
  readonly sfn: Sfn;
}

/** The key of an alarm among the things that wake a wait; ECS services are keyed by their ARN. */
export const alarmKey = (name: string): string => `alarm:${name}`;

/**
 * Opens this state's wait, then looks once: what came true before the token was stored is not lost. From here on
 * nothing throws: the state has its token, and an event or the sweep repairs a look or an answer that failed.
 */
export async function waitFor(
  wokenBy: readonly string[],
  look: () => Promise<Look>,
  { deployment }: Journal,
  { executionArn, taskToken }: StepInput,
  ports: AnswerPorts & Pick<Ground, 'now'> & { readonly state: string },
): Promise<object> {
  if (!taskToken)
    throw new StepMiscalled(`${ports.state} waits, so the state machine must give it a taskToken`);
  const { service, deploymentId } = deployment;
  const wait = {
    service,
    deploymentId,
    executionArn,
    state: ports.state,
    taskToken,
    wokenBy,
    openedAtMs: ports.now(),
  };
  await openWait(ports.table, wait);
  try {
    await answerWith(await look(), wait, ports);
  } catch (error) {
    ports.log.warn('first look failed; the wait stays open', { reason: messageOf(error) });
  }
  return {};
}

/** Looks, unless a person's word or the deadline has ended the deployment: both come before whatever could be seen. */
export async function lookUnlessStopped(
  state: string,
  deployment: Deployment,
  nowMs: number,
  look: () => Promise<Look>,
): Promise<Look> {
  const verdict = mayGoOn(state, deployment, nowMs);
  return verdict.stop ? failed(stopError(verdict)) : look();
}

/** Answers a wait if the look decided it. A wait that somebody else answered, or that timed out, is only closed. */
export async function answerWith(
  look: Look,
  wait: OpenWait,
  { sfn, table, log }: AnswerPorts,
): Promise<void> {
  const { state, deploymentId } = wait;
  if (look.open) {
    if (look.waitingFor === wait.waitingFor) return;
    log.info('wait stays open', { state, deploymentId, waitingFor: look.waitingFor });
    await noteWaitingFor(table, wait, look.waitingFor);
    return;
  }
  const error = 'failure' in look ? look.failure.name : undefined;
  const byUs =
    'failure' in look
      ? await sfn.sendTaskFailure(wait.taskToken, look.failure.name, look.failure.message)
      : await sfn.sendTaskSuccess(wait.taskToken, look.answer);
  log.info('wait is over', { state, deploymentId, byUs, error });
  await closeWait(table, wait);
}
