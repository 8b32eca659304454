/** CloudWatch Logs: whether a log group is there. */
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

const clientFor = clientOf(CloudWatchLogsClient);

export async function hasLogGroup(runtime: Runtime, name: string): Promise<boolean> {
  let nextToken: string | undefined;
  do {
    const page = await clientFor(runtime).send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: name, nextToken }),
    );
    if (page.logGroups?.some(({ logGroupName }) => logGroupName === name)) return true;
    nextToken = page.nextToken;
  } while (nextToken);
  return false;
}
