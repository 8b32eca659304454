/** The look of Standby: does a person want blue back, or another deployment its place? */
import type { Table } from '../aws/dynamodb.ts';
import type { Deployment } from '../common/deployment.ts';
import { RollbackRequested } from '../common/errors.ts';
import { describeSignal, ordersOf } from '../decisions/orders.ts';
import { getWaiting } from '../table/waiting-place.ts';
import { answered, failed, type Look, stillOpen } from './look.ts';

export async function lookAtStandby(
  deployment: Deployment,
  { table }: { readonly table: Table },
): Promise<Look> {
  const { rollback, abort } = ordersOf(deployment);
  const order = rollback ?? abort;
  if (order) return failed(new RollbackRequested(describeSignal(order)));
  const waiting = await getWaiting(table, deployment.service);
  return waiting
    ? answered({ endedFor: waiting.deploymentId })
    : stillOpen('a rollback, a new push, or the end of the time');
}
