/** The functions inside users' networks that send the requests of HTTP checks: one per network, and none may call AWS. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { CheckNetwork } from '../lambdas/common/service.ts';
import { acknowledgeWildcards } from './acknowledgements.ts';
import { codeOf } from './handlers.ts';
import { dependOnPolicyOnly } from './policy-dependency.ts';

/** The checks of one service take at most 40 s. */
const TIMEOUT_SECONDS = 60;

/** What Lambda does in the role's name to give a function its network interfaces (Lambda guide, "Execution role permissions"). */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
const FOR_NETWORK =
  'Lambda makes the network interfaces in the name of this role; the code itself is denied every call.';

export class NetworkCheckers extends Construct {
  private readonly functions = new Map<string, LambdaFunction>();
  private readonly codeDirectory: string;

  constructor(scope: Construct, id: string, codeDirectory: string) {
    super(scope, id);
    this.codeDirectory = codeDirectory;
  }

  /** The function inside a network: services in the same subnets and security groups share it. */
  functionIn({ subnets, securityGroups }: CheckNetwork): LambdaFunction {
    const key = JSON.stringify([[...subnets].sort(), [...securityGroups].sort()]);
    const known = this.functions.get(key);
    if (known) return known;
    const created = this.create(`Network${this.functions.size + 1}`, { subnets, securityGroups });
    this.functions.set(key, created);
    return created;
  }

  private create(id: string, { subnets, securityGroups }: CheckNetwork): LambdaFunction {
    const scope = new Construct(this, id);
    const logGroup = new LogGroup(scope, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    role.addToPolicy(new PolicyStatement({ actions: NETWORK_ACTIONS, resources: ['*'] }));
    acknowledgeWildcards(role, ['*'], FOR_NETWORK);
    const checker = new LambdaFunction(scope, 'Function', {
      description: 'Sidestep: check-http, inside the network of a load balancer',
      code: Code.fromAsset(codeOf('check-http', this.codeDirectory)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 256,
      timeout: Duration.seconds(TIMEOUT_SECONDS),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment: { POWERTOOLS_SERVICE_NAME: 'sidestep' },
    });
    dependOnPolicyOnly(checker, role);
    // By ids: whether they are of one VPC, Lambda says.
    (checker.node.defaultChild as CfnFunction).vpcConfig = {
      subnetIds: [...subnets],
      securityGroupIds: [...securityGroups],
    };
    denyToCode(scope, checker, role);
    return checker;
  }
}

/** The condition is met by what the code calls, and not by what Lambda does for it: interfaces, log lines. */
function denyToCode(scope: Construct, { functionArn }: LambdaFunction, role: Role): void {
  const deny = new PolicyStatement({
    effect: Effect.DENY,
    actions: ['*'],
    resources: ['*'],
    conditions: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } },
  });
  new Policy(scope, 'NoCalls', { roles: [role], statements: [deny] });
}
