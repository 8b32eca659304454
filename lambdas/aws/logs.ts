/** CloudWatch Logs: the last lines that a task wrote, and what functions wrote about something. */
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandOutput,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  type FilterLogEventsCommandOutput,
  GetLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface LogLine {
  /** CloudWatch's own id: the same line read twice has the same. */
  readonly eventId: string;
  readonly logGroup: string;
  readonly timestampMs: number;
  readonly message: string;
}

export interface LogFilter {
  /** A text that the line holds, without quotation marks. */
  readonly phrase: string;
  readonly fromMs: number;
  /** Absent: up to now. */
  readonly toMs?: number;
}

export interface Logs {
  /** The newest `limit` lines, oldest first; none if there is no such stream. */
  getLastLines(logGroup: string, logStream: string, limit: number): Promise<string[]>;
  /** Names of the log groups that begin with a prefix. */
  describeLogGroups(prefix: string): Promise<string[]>;
  /** Every line of a group that the filter lets through, in order of time. */
  filterLines(logGroup: string, filter: LogFilter): Promise<LogLine[]>;
}

const clientFor = clientOf(CloudWatchLogsClient);

export function logs(runtime: Runtime): Logs {
  const client = clientFor(runtime);
  return {
    async getLastLines(logGroupName, logStreamName, limit) {
      try {
        const { events = [] } = await client.send(
          new GetLogEventsCommand({ logGroupName, logStreamName, limit, startFromHead: false }),
        );
        return events.map(({ message }) => message ?? '');
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return [];
        throw error;
      }
    },
    async describeLogGroups(logGroupNamePrefix) {
      const names: string[] = [];
      let nextToken: string | undefined;
      do {
        const page: DescribeLogGroupsCommandOutput = await client.send(
          new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }),
        );
        names.push(...(page.logGroups ?? []).map(({ logGroupName = '' }) => logGroupName));
        nextToken = page.nextToken;
      } while (nextToken);
      return names;
    },
    async filterLines(logGroupName, { phrase, fromMs, toMs }) {
      const found: LogLine[] = [];
      let nextToken: string | undefined;
      do {
        // A page may be empty and yet not the last one.
        const page: FilterLogEventsCommandOutput = await client.send(
          new FilterLogEventsCommand({
            logGroupName,
            filterPattern: `"${phrase}"`,
            startTime: fromMs,
            endTime: toMs,
            nextToken,
          }),
        );
        found.push(...(page.events ?? []).map((event) => lineOf(event, logGroupName)));
        nextToken = page.nextToken;
      } while (nextToken);
      return found.sort((a, b) => a.timestampMs - b.timestampMs);
    },
  };
}

const lineOf = (
  { eventId = '', timestamp = 0, message = '' }: FilteredLogEvent,
  logGroup: string,
): LogLine => ({ eventId, logGroup, timestampMs: timestamp, message: message.trimEnd() });
