/** RunTask as ECS answers it: a task, reasons why there is none, or the task of an earlier order. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runTask } from '../../../lambdas/aws/run-task.ts';
import type { Runtime } from '../../../lambdas/common/runtime.ts';

/** A runtime whose calls of AWS are all answered alike, whatever they ask. */
function runtimeAnswering(statusCode: number, body: object): Runtime {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  const handle = async () => ({
    response: { statusCode, headers, body: Readable.from([Buffer.from(JSON.stringify(body))]) },
  });
  return {
    clientConfiguration: {
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      requestHandler: { handle, metadata: { handlerProtocol: 'http/1.1' } },
    },
  } as unknown as Runtime;
}

const ORDER = {
  cluster: 'prod',
  taskDefinition: 'orders:2',
  group: 'sidestep:orders',
  startedBy: 'sidestep/orders/migration',
  clientToken: 'token',
  placement: {},
  tags: {},
};
const ARN = 'arn:aws:ecs:us-east-1:000000000000:task/prod/1';

describe('an order of a task', () => {
  it('gives the task', async () => {
    const { runTask: run } = runTask(runtimeAnswering(200, { tasks: [{ taskArn: ARN }], failures: [] }));
    expect(await run(ORDER)).toEqual({ started: true, taskArn: ARN });
  });

  it('that ECS has no place for gives its reasons, although the call succeeded', async () => {
    const failures = [{ reason: 'RESOURCE:MEMORY' }, { reason: 'AGENT', detail: 'disconnected' }];
    const { runTask: run } = runTask(runtimeAnswering(200, { tasks: [], failures }));
    expect(await run(ORDER)).toEqual({ started: false, reason: 'RESOURCE:MEMORY; AGENT: disconnected' });
  });

  it('that was given before, with other parameters, gives the task of then', async () => {
    const conflict = { __type: 'ConflictException', message: 'used before', resourceIds: [ARN] };
    const { runTask: run } = runTask(runtimeAnswering(400, conflict));
    expect(await run(ORDER)).toEqual({ started: true, taskArn: ARN });
  });

  it('that ECS refuses is refused', async () => {
    const refusal = { __type: 'InvalidParameterException', message: 'TaskDefinition is inactive' };
    const { runTask: run } = runTask(runtimeAnswering(400, refusal));
    await expect(run(ORDER)).rejects.toThrow('TaskDefinition is inactive');
  });
});
