/** CloudWatch Logs: the last lines that a task wrote. */
import {
  CloudWatchLogsClient,
  GetLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface Logs {
  /** The newest `limit` lines, oldest first; none if there is no such stream. */
  getLastLines(logGroup: string, logStream: string, limit: number): Promise<string[]>;
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
  };
}
