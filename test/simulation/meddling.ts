/** People in a run: they stop executions, edit the listener by hand, and stop tasks that serve. */
import { ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import {
  type Action,
  ModifyListenerCommand,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { CLUSTER, SIDES } from '../../local/world/names.ts';
import type { PlannedMeddling } from './plan.ts';
import type { Setting } from './setting.ts';

/** What was done, for those who judge. */
export interface Meddled {
  readonly stopped: { executionArn: string; state: string; atMs: number }[];
  edit?: { executionArn: string; state: string; atMs: number; weights: readonly [number, number] };
  /** Called when a serving task is stopped. */
  onTaskStopped: () => void;
}

export function meddle(setting: Setting): Meddled {
  const { cloud, plan } = setting;
  const meddled: Meddled = { stopped: [], onTaskStopped: () => {} };
  for (const planned of plan.meddling) {
    let left = planned.skip;
    const unsubscribe = cloud.states.onHistoryEvent((executionArn, { stateEnteredEventDetails }) => {
      if (stateEnteredEventDetails?.name !== planned.state) return;
      if (left > 0) {
        left -= 1;
        return;
      }
      unsubscribe();
      cloud.clock.setTimer(planned.delayMs, () => void act(setting, planned, executionArn, meddled));
    });
  }
  return meddled;
}

async function act(
  setting: Setting,
  planned: PlannedMeddling,
  executionArn: string,
  meddled: Meddled,
): Promise<void> {
  const { clients, cloud } = setting;
  const { state, weights } = planned;
  const atMs = cloud.clock.now();
  if (planned.kind === 'stop') {
    meddled.stopped.push({ executionArn, state, atMs });
    await clients.sfn.send(new StopExecutionCommand({ executionArn }));
  } else if (planned.kind === 'edit') {
    await editWeights(setting, weights);
    meddled.edit = { executionArn, state, atMs, weights };
  } else {
    await stopOneTask(setting, meddled);
  }
}

/** Sets the production weights of orders-a and orders-b, as a person does. */
export async function editWeights(
  { clients, world }: Setting,
  [a, b]: readonly [number, number],
): Promise<void> {
  const action: Action = {
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: world.targetGroups['orders-a'], Weight: a },
        { TargetGroupArn: world.targetGroups['orders-b'], Weight: b },
      ],
    },
  };
  const { productionRuleArn: RuleArn, productionListenerArn: ListenerArn } = world;
  await (RuleArn
    ? clients.elbv2.send(new ModifyRuleCommand({ RuleArn, Actions: [action] }))
    : clients.elbv2.send(new ModifyListenerCommand({ ListenerArn, DefaultActions: [action] })));
}

async function stopOneTask({ clients }: Setting, meddled: Meddled): Promise<void> {
  for (const serviceName of SIDES) {
    const { taskArns = [] } = await clients.ecs.send(new ListTasksCommand({ cluster: CLUSTER, serviceName }));
    const [task] = taskArns;
    if (!task) continue;
    meddled.onTaskStopped();
    await clients.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task, reason: 'by hand' }));
    return;
  }
}
