/** ContinueServiceDeployment and StopServiceDeployment. */
import { notImplemented } from '../../unsupported.ts';
import { AwsError } from '../../wire/aws-error.ts';
import type { EcsApi } from '../../wire/models.ts';
import type { Operations } from '../../wire/operations.ts';
import type { Clusters } from '../clusters.ts';
import type { ServiceDeploymentRecord } from '../records.ts';
import type { NativeController } from './index.ts';

export interface NativeOperationPorts {
  readonly clusters: Clusters;
  readonly native: NativeController;
  /** Sends a rolling deployment back to the last completed one. */
  rollBackRolling(record: ServiceDeploymentRecord, reason: string): void;
}

/** Accepted without effect: the end of the deployment is decided already. */
const STOPPING: readonly string[] = ['STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'];

export function nativeOperations(
  ports: NativeOperationPorts,
): Pick<Operations<typeof EcsApi>, 'ContinueServiceDeployment' | 'StopServiceDeployment'> {
  return {
    ContinueServiceDeployment({ serviceDeploymentArn, hookId, action = 'CONTINUE' }) {
      const record = requireRecord(ports.clusters, serviceDeploymentArn);
      if (record.status !== 'IN_PROGRESS') {
        throw new AwsError(
          'ClientException',
          `Service deployment ${record.arn} is ${record.status}; it can be continued only while IN_PROGRESS.`,
        );
      }
      const paused = [...(ports.native.runOf(record)?.paused ?? [])];
      const [, answer] = paused.find(([hook]) => hook.id === hookId) ?? [];
      if (!answer) {
        throw new AwsError(
          'InvalidParameterException',
          `No lifecycle hook ${hookId} of ${record.arn} awaits an action.`,
        );
      }
      answer(action);
      return { serviceDeploymentArn: record.arn };
    },
    StopServiceDeployment({ serviceDeploymentArn, stopType = 'ROLLBACK' }) {
      if (stopType !== 'ROLLBACK') throw notImplemented(`StopServiceDeployment with stopType ${stopType}`);
      const record = requireRecord(ports.clusters, serviceDeploymentArn);
      if (!STOPPING.includes(record.status)) stop(record, ports);
      return { serviceDeploymentArn: record.arn };
    },
  };
}

const STOP_REASON = 'Service deployment rolled back because StopServiceDeployment was called.';

function stop(record: ServiceDeploymentRecord, { native, rollBackRolling }: NativeOperationPorts): void {
  if (record.status !== 'PENDING' && record.status !== 'IN_PROGRESS') {
    throw new AwsError(
      'ConflictException',
      `Service deployment ${record.arn} is ${record.status}; it can be stopped only while PENDING or IN_PROGRESS.`,
    );
  }
  const run = native.runOf(record);
  if (!run) {
    rollBackRolling(record, STOP_REASON);
    return;
  }
  record.status = 'ROLLBACK_REQUESTED';
  record.updatedAtMs = run.ports.platform.clock.now();
  run.interrupt.give({ to: 'roll-back', reason: STOP_REASON });
}

function requireRecord(clusters: Clusters, arn = ''): ServiceDeploymentRecord {
  for (const { services } of clusters.all.values()) {
    for (const { serviceDeployments } of services.values()) {
      const record = serviceDeployments.find((each) => each.arn === arn);
      if (record) return record;
    }
  }
  throw new AwsError('ServiceDeploymentNotFoundException', `Service deployment ${arn} not found.`);
}
