/** Logs: lines in, the newest kept, pages and filters out. */
import { describe, expect, it } from 'vitest';
import { createLogs } from '../../local/logs/index.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

const STREAM = { logGroupName: '/ecs/orders', logStreamName: 'app/1' };

function orders() {
  const platform = testPlatform();
  const recorded: unknown[][] = [];
  const metrics = { record: (...metric: unknown[]) => void recorded.push(metric) };
  const { operations, sink } = createLogs(platform, { metrics });
  const append = (...lines: string[]) => {
    for (const line of lines) sink.append(STREAM.logGroupName, STREAM.logStreamName, line);
  };
  return { logs: clientOf(operations), sink, append, platform, recorded };
}
const messages = ({ events = [] }: { events?: { message?: string }[] }) =>
  events.map(({ message }) => message);

describe('a stream', () => {
  it('is made by its first line, and read from either end', async () => {
    const { logs, append } = orders();
    append('one', 'two', 'three');
    expect(messages(await logs.GetLogEvents({ ...STREAM, startFromHead: true, limit: 2 }))).toEqual([
      'one',
      'two',
    ]);
    expect(messages(await logs.GetLogEvents({ ...STREAM, limit: 2 }))).toEqual(['two', 'three']);
  });

  it('is paged both ways, and a forward token waits for what comes', async () => {
    const { logs, append } = orders();
    append('one', 'two', 'three');
    const first = await logs.GetLogEvents({ ...STREAM, startFromHead: true, limit: 2 });
    const second = await logs.GetLogEvents({ ...STREAM, nextToken: first.nextForwardToken, limit: 2 });
    const end = await logs.GetLogEvents({ ...STREAM, nextToken: second.nextForwardToken });
    expect([messages(second), messages(end), end.nextForwardToken]).toEqual([
      ['three'],
      [],
      second.nextForwardToken,
    ]);
    append('four');
    expect(messages(await logs.GetLogEvents({ ...STREAM, nextToken: end.nextForwardToken }))).toEqual([
      'four',
    ]);
    expect(messages(await logs.GetLogEvents({ ...STREAM, nextToken: second.nextBackwardToken }))).toEqual([
      'one',
      'two',
    ]);
  });

  it('keeps its newest thousand lines, and a reader’s place among them', async () => {
    const { logs, append } = orders();
    append(...Array.from({ length: 1_000 }, (_, n) => `line ${n}`));
    const { nextForwardToken } = await logs.GetLogEvents(STREAM);
    append('line 1000', 'line 1001');
    expect(messages(await logs.GetLogEvents({ ...STREAM, nextToken: nextForwardToken }))).toEqual([
      'line 1000',
      'line 1001',
    ]);
    const one = await logs.GetLogEvents({ ...STREAM, nextToken: nextForwardToken, limit: 1 });
    expect(messages(await logs.GetLogEvents({ ...STREAM, nextToken: one.nextForwardToken }))).toEqual([
      'line 1001',
    ]);
    const all = messages(await logs.GetLogEvents({ ...STREAM, startFromHead: true }));
    expect([all.length, all[0]]).toEqual([1_000, 'line 2']);
  });

  it('takes events by call, in their order of time only', async () => {
    const { logs } = orders();
    await logs.CreateLogGroup({ logGroupName: STREAM.logGroupName });
    await expect(logs.PutLogEvents({ ...STREAM, logEvents: [] })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    await logs.CreateLogStream(STREAM);
    await logs.PutLogEvents({
      ...STREAM,
      logEvents: [
        { timestamp: 1, message: 'a' },
        { timestamp: 2, message: 'b' },
      ],
    });
    expect(messages(await logs.GetLogEvents({ ...STREAM, startTime: 2, endTime: 3 }))).toEqual(['b']);
    const backwards = [
      { timestamp: 2, message: 'b' },
      { timestamp: 1, message: 'a' },
    ];
    await expect(logs.PutLogEvents({ ...STREAM, logEvents: backwards })).rejects.toThrow(/chronological/);
    await expect(logs.CreateLogStream(STREAM)).rejects.toMatchObject({
      code: 'ResourceAlreadyExistsException',
    });
    await expect(logs.GetLogEvents({ ...STREAM, nextToken: 'x' })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    });
  });
});

describe('a group', () => {
  it('is searched over its streams', async () => {
    const { logs, append, sink } = orders();
    append('GET /health 200', 'GET / 500');
    sink.append(STREAM.logGroupName, 'app/2', 'POST / 500');
    const search = (filterPattern: string, more: object = {}) =>
      logs.FilterLogEvents({ logGroupName: STREAM.logGroupName, filterPattern, ...more });
    expect((await search('500')).events).toMatchObject([
      { message: 'GET / 500', logStreamName: 'app/1', eventId: 'app/1/1' },
      { message: 'POST / 500', logStreamName: 'app/2' },
    ]);
    expect(messages(await search('"GET /" 500'))).toEqual(['GET / 500']);
    expect(messages(await search('', { logStreamNamePrefix: 'app/2' }))).toEqual(['POST / 500']);
    await expect(search('{ $.status = 500 }')).rejects.toMatchObject({ code: 'NotImplemented' });
  });

  it('is described with its retention, and its streams in the order asked', async () => {
    const { logs, append, sink, platform } = orders();
    sink.append(STREAM.logGroupName, 'app/2', 'old');
    void platform.clock.sleep(1_000);
    await platform.clock.run(() => false, 1_000);
    append('new');
    await logs.PutRetentionPolicy({ logGroupName: STREAM.logGroupName, retentionInDays: 7 });
    expect((await logs.DescribeLogGroups({ logGroupNamePrefix: '/ecs' })).logGroups).toMatchObject([
      {
        logGroupName: '/ecs/orders',
        retentionInDays: 7,
        arn: 'arn:aws:logs:us-east-1:000000000000:log-group:/ecs/orders:*',
      },
    ]);
    const names = async (more: object) =>
      (await logs.DescribeLogStreams({ logGroupName: STREAM.logGroupName, ...more })).logStreams?.map(
        ({ logStreamName }) => logStreamName,
      );
    expect(await names({})).toEqual(['app/1', 'app/2']);
    expect(await names({ orderBy: 'LastEventTime' })).toEqual(['app/2', 'app/1']);
    expect(await names({ orderBy: 'LastEventTime', descending: true, limit: 1 })).toEqual(['app/1']);
  });
});

describe('a line in the embedded metric format', () => {
  it('is recorded as metrics, by each set of dimensions, and other lines are not', () => {
    const { append, recorded } = orders();
    const _aws = {
      Timestamp: 5,
      CloudWatchMetrics: [
        { Namespace: 'N', Dimensions: [['Service'], []], Metrics: [{ Name: 'Count', Unit: 'Count' }] },
      ],
    };
    append(
      '"_aws" is no JSON',
      JSON.stringify({ Count: 3 }),
      JSON.stringify({ _aws, Service: 'o', Count: 3 }),
    );

    expect(recorded).toEqual([
      ['N', 'Count', { Service: 'o' }, [3], 'Count', 5],
      ['N', 'Count', {}, [3], 'Count', 5],
    ]);
  });
});
