/** The roles of the user's tasks, with the policies that a task needs to start. */
import type { Clients } from './clients.ts';
import { EXECUTION_ROLE_ARN, TASK_ROLE_ARN } from './names.ts';

const TRUST = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } },
  ],
};

/** What AWS's own AmazonECSTaskExecutionRolePolicy grants. */
const EXECUTION = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        'ecr:GetAuthorizationToken',
        'ecr:BatchCheckLayerAvailability',
        'ecr:GetDownloadUrlForLayer',
        'ecr:BatchGetImage',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
      ],
      Resource: '*',
    },
  ],
};

/** IAM's client is large: only a world that has roles loads it. */
export async function createRoles({ ecs }: Pick<Clients, 'ecs'>): Promise<void> {
  const { IAMClient, CreateRoleCommand, PutRolePolicyCommand } = await import('@aws-sdk/client-iam');
  const { requestHandler, credentials, endpoint, region } = ecs.config;
  const iam = new IAMClient({ requestHandler, credentials, endpoint, region });
  const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
  for (const arn of [TASK_ROLE_ARN, EXECUTION_ROLE_ARN])
    await iam.send(
      new CreateRoleCommand({ RoleName: nameOf(arn), AssumeRolePolicyDocument: JSON.stringify(TRUST) }),
    );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: nameOf(EXECUTION_ROLE_ARN),
      PolicyName: 'execution',
      PolicyDocument: JSON.stringify(EXECUTION),
    }),
  );
}
