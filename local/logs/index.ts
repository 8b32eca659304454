/** CloudWatch Logs: groups, streams and their newest lines. Weaker than AWS: simple filters, no retention, no subscriptions. */
import { localArn } from '../arns.ts';
import { pageOf } from '../page.ts';
import type { Platform } from '../platform.ts';
import type { LogSink, MetricSink } from '../simulators.ts';
import { notImplemented, refuseMembers } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { CloudWatchLogsApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { recordEmbedded } from './embedded-metrics.ts';
import { createLogStore, type LogGroup, type LogLine, type LogStream } from './log-store.ts';

const EVENTS_PAGE_MAX = 10_000;
const GROUPS_PAGE_MAX = 50;

export interface LogsSimulator {
  readonly operations: Operations<typeof CloudWatchLogsApi>;
  readonly sink: LogSink;
}

export function createLogs({ clock }: Platform, { metrics }: { metrics: MetricSink }): LogsSimulator {
  const store = createLogStore(clock.now);

  const sink: LogSink = {
    append(logGroup, logStream, line) {
      const group = store.group(logGroup) ?? store.createGroup(logGroup);
      const stream = group.streams.get(logStream) ?? store.createStream(group, logStream);
      store.append(stream, { message: line, timestampMs: clock.now() });
      recordEmbedded(line, metrics);
    },
  };

  return {
    sink,
    operations: {
      CreateLogGroup: ({ logGroupName = '' }) => {
        if (store.group(logGroupName)) throw alreadyExists('log group');
        store.createGroup(logGroupName);
        return {};
      },
      DeleteLogGroup: ({ logGroupName = '' }) => {
        requireGroup(logGroupName);
        store.deleteGroup(logGroupName);
        return {};
      },
      CreateLogStream: ({ logGroupName = '', logStreamName = '' }) => {
        const group = requireGroup(logGroupName);
        if (group.streams.has(logStreamName)) throw alreadyExists('log stream');
        store.createStream(group, logStreamName);
        return {};
      },
      PutRetentionPolicy: ({ logGroupName = '', retentionInDays }) => {
        requireGroup(logGroupName).retentionInDays = retentionInDays;
        return {};
      },
      PutLogEvents: ({ logGroupName = '', logStreamName = '', logEvents = [] }) => {
        const stream = requireStream(requireGroup(logGroupName), logStreamName);
        requireChronological(logEvents);
        for (const { message = '', timestamp = clock.now() } of logEvents) {
          store.append(stream, { message, timestampMs: timestamp });
          recordEmbedded(message, metrics);
        }
        return { nextSequenceToken: String(stream.appendedCount) };
      },
      GetLogEvents: (input) => {
        refuseMembers('GetLogEvents', input, ['logGroupIdentifier', 'unmask']);
        const { logGroupName = '', logStreamName = '', startTime, endTime } = input;
        const stream = requireStream(requireGroup(logGroupName), logStreamName);
        const lines = stream.lines.filter(within(startTime, endTime));
        const page = pageAround(
          lines,
          input.nextToken,
          input.limit ?? EVENTS_PAGE_MAX,
          input.startFromHead ?? false,
        );
        const anchor = anchorOf(input.nextToken) ?? stream.appendedCount;
        return {
          events: page.map(shown),
          nextForwardToken: `f/${(page.at(-1)?.sequence ?? anchor - 1) + 1}`,
          nextBackwardToken: `b/${page.at(0)?.sequence ?? anchor}`,
        };
      },
      FilterLogEvents: (input) => {
        refuseMembers('FilterLogEvents', input, ['logGroupIdentifier', 'unmask', 'startFromHead']);
        const { logGroupName = '', logStreamNames, logStreamNamePrefix = '', filterPattern = '' } = input;
        const matches = matcherOf(filterPattern);
        const streams = [...requireGroup(logGroupName).streams.values()].filter(
          ({ name }) => (logStreamNames?.includes(name) ?? true) && name.startsWith(logStreamNamePrefix),
        );
        const found = streams
          .flatMap((stream) => stream.lines.map((line) => ({ ...line, logStreamName: stream.name })))
          .filter(within(input.startTime, input.endTime))
          .filter(({ message }) => matches(message))
          .sort((a, b) => a.timestampMs - b.timestampMs);
        const page = pageOf(found, input.limit ?? EVENTS_PAGE_MAX, input.nextToken, invalidToken);
        return {
          events: page.elements.map((line) => ({
            ...shown(line),
            logStreamName: line.logStreamName,
            eventId: `${line.logStreamName}/${line.sequence}`,
          })),
          nextToken: page.nextToken,
        };
      },
      DescribeLogGroups: (input) => {
        refuseMembers('DescribeLogGroups', input, [
          'logGroupNamePattern',
          'logGroupIdentifiers',
          'accountIdentifiers',
        ]);
        const named = store.groups().filter(({ name }) => name.startsWith(input.logGroupNamePrefix ?? ''));
        const page = pageOf(named, input.limit ?? GROUPS_PAGE_MAX, input.nextToken, invalidToken);
        return { logGroups: page.elements.map(shownGroup), nextToken: page.nextToken };
      },
      DescribeLogStreams: (input) => {
        refuseMembers('DescribeLogStreams', input, ['logGroupIdentifier']);
        const streams = [...requireGroup(input.logGroupName ?? '').streams.values()].filter(({ name }) =>
          name.startsWith(input.logStreamNamePrefix ?? ''),
        );
        streams.sort(input.orderBy === 'LastEventTime' ? byLastLine : byName);
        if (input.descending) streams.reverse();
        const page = pageOf(streams, input.limit ?? GROUPS_PAGE_MAX, input.nextToken, invalidToken);
        return { logStreams: page.elements.map(shownStream), nextToken: page.nextToken };
      },
    },
  };

  function requireGroup(name: string): LogGroup {
    const group = store.group(name);
    if (!group) throw notFound('log group');
    return group;
  }
}

function requireStream(group: LogGroup, name: string): LogStream {
  const stream = group.streams.get(name);
  if (!stream) throw notFound('log stream');
  return stream;
}

const notFound = (what: string): AwsError =>
  new AwsError('ResourceNotFoundException', `The specified ${what} does not exist.`);
const alreadyExists = (what: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `The specified ${what} already exists`);
const invalidToken = (): AwsError =>
  new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');

const byName = (a: LogStream, b: LogStream): number => (a.name < b.name ? -1 : 1);
const byLastLine = (a: LogStream, b: LogStream): number =>
  (a.lines.at(-1)?.timestampMs ?? 0) - (b.lines.at(-1)?.timestampMs ?? 0);

function requireChronological(events: readonly CloudWatchLogsApi.InputLogEvent[]): void {
  const times = events.map(({ timestamp = 0 }) => timestamp);
  if (times.every((time, index) => time >= (times[index - 1] ?? 0))) return;
  throw new AwsError(
    'InvalidParameterException',
    'Log events in a single PutLogEvents request must be in chronological order.',
  );
}

const within =
  (startMs = Number.NEGATIVE_INFINITY, endMs = Number.POSITIVE_INFINITY) =>
  ({ timestampMs }: LogLine): boolean =>
    timestampMs >= startMs && timestampMs < endMs;

/** A page of lines: from the head, from the tail, or on from the sequence number in a page's token. */
function pageAround(
  lines: readonly LogLine[],
  token: string | undefined,
  limit: number,
  fromHead: boolean,
): LogLine[] {
  const anchor = anchorOf(token);
  const isForward = token?.startsWith('f/') ?? fromHead;
  if (isForward) return lines.filter(({ sequence }) => sequence >= (anchor ?? 0)).slice(0, limit);
  return lines.filter(({ sequence }) => sequence < (anchor ?? Number.POSITIVE_INFINITY)).slice(-limit);
}

function anchorOf(token: string | undefined): number | undefined {
  if (token === undefined) return undefined;
  const sequence = /^[fb]\/(\d{1,15})$/.exec(token)?.[1];
  if (sequence === undefined) throw invalidToken();
  return Number(sequence);
}

/** A pattern of plain words and quoted phrases, all of which a line must hold. */
function matcherOf(pattern: string): (message: string) => boolean {
  if (/^[{[]|^%/.test(pattern.trim())) throw notImplemented(`filter pattern ${pattern}`);
  const terms = [...pattern.matchAll(/"([^"]*)"|(\S+)/g)].map(([, phrase, word]) => phrase ?? word ?? '');
  return (message) => terms.every((term) => message.includes(term));
}

const shown = ({ message, timestampMs }: LogLine) => ({
  message,
  timestamp: timestampMs,
  ingestionTime: timestampMs,
});

const shownGroup = ({ name, createdAtMs, retentionInDays, streams }: LogGroup) => ({
  logGroupName: name,
  creationTime: createdAtMs,
  retentionInDays,
  arn: localArn('logs', `log-group:${name}:*`),
  logGroupArn: localArn('logs', `log-group:${name}`),
  storedBytes: [...streams.values()]
    .flatMap(({ lines }) => lines)
    .reduce((sum, { message }) => sum + message.length, 0),
});

const shownStream = ({ name, createdAtMs, lines, groupName }: LogStream) => ({
  logStreamName: name,
  creationTime: createdAtMs,
  firstEventTimestamp: lines.at(0)?.timestampMs,
  lastEventTimestamp: lines.at(-1)?.timestampMs,
  arn: localArn('logs', `log-group:${groupName}:log-stream:${name}`),
});
