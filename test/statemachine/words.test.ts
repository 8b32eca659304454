/** Who may say what: identity by the cloud's word, approvers, words that are refused and kept, and services that rest. */
import { DescribeLogGroupsCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bed, makeBed } from './bed.ts';

let bed: Bed;
afterEach(() => bed?.close());

const QUICK = { bakeSeconds: 5, propagationSeconds: 1 };
const roleOf = (name: string) => `arn:aws:iam::000000000000:role/${name}`;
const APPROVAL = {
  approval: { gates: ['before-traffic'], timeoutSeconds: 3_600, otherwise: 'reject' },
  approvers: ['arn:aws:iam::000000000000:role/teams/release/grace'],
} as const;

async function record() {
  const [first] = await bed.deployments();
  if (!first) throw new Error('there is no deployment');
  return first;
}

interface Raw {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly scope?: string;
  readonly caller?: string;
  readonly body?: object | string;
}

/** A request as it comes to the endpoint, whoever made it. */
async function request({ method = 'POST', path, query = '', scope, caller = 'ada', body }: Raw) {
  const signature = `AWS4-HMAC-SHA256 Credential=${caller}/00000000/us-east-1/${scope}/aws4_request, SignedHeaders=host, Signature=0`;
  const answer = await bed.cloud.endpoint.handle({
    method,
    path: path ?? '/lambda-url/sidestep-signal-deployment/',
    query,
    headers: { 'content-type': 'application/json', ...(scope && { authorization: signature }) },
    body: Buffer.from(typeof body === 'object' ? JSON.stringify(body) : (body ?? '')),
  });
  const text = Buffer.from(answer.body).toString('utf8');
  return { statusCode: answer.statusCode, body: JSON.parse(text) as Record<string, unknown> };
}

describe('an approval', () => {
  it('counts once, from an approver, for its digest, and whatever else is said is refused and kept', async () => {
    bed = await makeBed({ configuration: { ...QUICK, ...APPROVAL } });
    await bed.push('v2');
    await bed.untilState('WaitForApproval');
    await bed.pass(1);
    const [wait] = await bed.items('waits');
    const token = String(wait?.taskToken);
    const answers: unknown[] = [await request({ method: 'GET', query: 'service=orders', scope: 'lambda' })];
    expect(answers[0]).toMatchObject({
      statusCode: 200,
      body: { deployment: { openGate: { gate: 'before-traffic' }, approvers: APPROVAL.approvers } },
    });

    const say = async (...said: Parameters<Bed['signal']>) => {
      const answer = await bed.signal(...said);
      answers.push(answer);
      return answer;
    };
    expect(await say('approve', {}, 'ada')).toMatchObject({
      errorType: 'SignalRefused',
      errorMessage: expect.stringMatching(/role\/ada is no approver; approvers are .*grace/),
    });
    const digest = `sha256:${'0'.repeat(64)}`;
    await say('approve', { digest }, 'grace');
    expect(await say('approve', { reason: 'seen' }, 'grace')).toMatchObject({ signal: 'approve' });
    await say('reject', {}, 'grace');
    await bed.untilEnded();
    await say('reject', { reason: 'after all' }, 'grace');

    const { signals, refusedSignals, refusedCount } = await record();
    expect(Object.values(signals)).toEqual([
      expect.objectContaining({ name: 'approve', by: roleOf('grace'), session: 'local', reason: 'seen' }),
    ]);
    expect(refusedCount).toBe(4);
    expect(refusedSignals).toMatchObject([
      { name: 'approve', by: roleOf('ada'), refused: expect.stringContaining('is no approver') },
      { name: 'approve', digest, refused: expect.stringContaining('the approval is for') },
      { name: 'reject', refused: expect.stringContaining('answered already') },
      { name: 'reject', reason: 'after all', refused: expect.stringContaining('no deployment of orders') },
    ]);

    // The token is in the table, and in the hands of Step Functions: nowhere else.
    const isInside = ({ service }: { service: string }) => service === 'dynamodb' || service === 'states';
    const calls = bed.cloud.endpoint.calls.filter((call) => !isInside(call));
    const everything = JSON.stringify([answers, calls, await record(), await logs()]);
    expect(token.length).toBeGreaterThan(20);
    expect(everything.length).toBeGreaterThan(10_000);
    expect(everything).not.toContain(token);
  });
});

async function logs(): Promise<unknown[]> {
  const { logGroups = [] } = await bed.clients.logs.send(new DescribeLogGroupsCommand({}));
  const found = logGroups.map(({ logGroupName }) =>
    bed.clients.logs.send(new FilterLogEventsCommand({ logGroupName })),
  );
  return (await Promise.all(found)).flatMap(({ events = [] }) => events.map(({ message }) => message));
}

describe('a word', () => {
  it('comes by a signed request, changes nothing by GET, and never says itself who says it', async () => {
    bed = await makeBed({ configuration: QUICK });
    const freeze = {
      service: 'orders',
      signal: 'freeze',
      reason: 'inventory',
      until: new Date(bed.cloud.clock.now() + 3_600_000).toISOString(),
    };
    expect(await request({ body: freeze })).toEqual({ statusCode: 403, body: { Message: 'Forbidden' } });
    expect(await request({ body: freeze, scope: 'execute-api' })).toMatchObject({ statusCode: 403 });
    expect(await request({ body: freeze, scope: 'lambda', path: '/lambda-url/nobody/' })).toMatchObject({
      statusCode: 403,
    });
    // A function whose role does not grant both actions.
    const other = bed.cloud.lambda
      .functions()
      .find(({ functionName }) => /WakeDeployment/.test(functionName));
    expect(await request({ body: freeze, scope: 'lambda', caller: other?.functionName })).toMatchObject({
      statusCode: 403,
    });
    expect(await request({ body: { ...freeze, by: roleOf('grace') }, scope: 'lambda' })).toMatchObject({
      statusCode: 400,
      body: {
        errorType: 'BadInput',
        errorMessage: expect.stringContaining('by is not for the caller to say'),
      },
    });
    for (const method of ['PUT', 'DELETE', 'PATCH'])
      expect(await request({ method, body: freeze, scope: 'lambda' })).toMatchObject({ statusCode: 405 });
    expect(await request({ body: '{"service"', scope: 'lambda' })).toMatchObject({ statusCode: 400 });
    expect(await request({ body: { ...freeze, service: 'odrers' }, scope: 'lambda' })).toMatchObject({
      statusCode: 404,
      body: { errorMessage: expect.stringContaining('known are: orders') },
    });
    const direct = await bed.clients.lambda.send(
      new InvokeCommand({ FunctionName: 'sidestep-signal-deployment', Payload: JSON.stringify(freeze) }),
    );
    expect(JSON.parse(Buffer.from(direct.Payload ?? []).toString('utf8'))).toMatchObject({
      statusCode: 403,
      body: expect.stringContaining('CallerNotKnown'),
    });
    const query = `service=orders&signal=freeze&reason=x&until=${freeze.until}`;
    expect(await request({ method: 'GET', query, scope: 'lambda' })).toMatchObject({ statusCode: 200 });
    expect((await bed.items('service#orders')).map(({ sk }) => sk)).not.toContain('restraints');
  });

  it('lets a service rest, and wakes the push that waits when it is taken back', async () => {
    bed = await makeBed({ configuration: QUICK });
    const until = new Date(bed.cloud.clock.now() + 86_400_000).toISOString();
    await bed.signal('freeze', { until, reason: 'inventory' });
    expect(await bed.signal('suspend')).toMatchObject({ errorType: 'BadInput' });
    await bed.push('v2');
    await bed.until(async () => (await bed.items('waiting')).length === 1, 'v2 to wait');
    const saidAtMs = bed.cloud.clock.now();
    expect(await bed.signal('unfreeze', {}, 'grace')).toMatchObject({ service: 'orders' });
    await bed.untilState('RegisterRevision');
    expect(bed.cloud.clock.now() - saidAtMs).toBeLessThan(5_000);
    await bed.untilEnded(2);
    expect(await bed.signal('unfreeze')).toMatchObject({ errorType: 'SignalRefused' });

    await bed.signal('suspend', { reason: 'the data moves' });
    await bed.push('v3');
    await bed.untilEnded(3);
    expect((await bed.deployments()).at(-1)).toMatchObject({ outcome: 'NOTHING_TO_DEPLOY' });
    await bed.signal('resume', {}, 'grace');
    await bed.push('v4');
    await bed.untilEnded(4);
    expect((await bed.deployments()).at(-1)).toMatchObject({ outcome: 'SUCCESSFUL' });

    const words = (await bed.items('service#orders')).filter(({ sk }) => String(sk).startsWith('word#'));
    const told = words.sort((a, b) => Number(a.atMs) - Number(b.atMs)).map(({ word, by }) => [word, by]);
    expect(told).toEqual([
      ['freeze', roleOf('ada')],
      ['unfreeze', roleOf('grace')],
      ['suspend', roleOf('ada')],
      ['resume', roleOf('grace')],
    ]);
  });
});
