/** A toy orchestrator: a rule on ECR pushes, a machine of one Task, and a bundled function that writes down what came. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: state machine definitions have the same placeholders.
import { buildSync } from 'esbuild';
import { packageRoot } from '../../local/paths.ts';
import { writeAssembly } from '../wiring/assemblies.ts';

const SOURCE = `
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
export const create = (runtime) => {
  const client = new DynamoDBClient({ ...runtime.clientConfiguration });
  return async ({ tag, wish }) => {
    if (wish === 'forbidden') await client.send(new PutItemCommand({ TableName: 'other', Item: { pk: { S: 'x' } } }));
    await runtime.sleep(1000);
    const Item = { pk: { S: tag }, atMs: { N: String(runtime.now()) } };
    await client.send(new PutItemCommand({ TableName: runtime.env.TABLE_NAME, Item }));
    return { deployed: tag };
  };
};
let plain;
export const handler = (event) => {
  plain ??= create({
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    env: process.env,
    clientConfiguration: {},
  });
  return plain(event);
};`;

function bundle(): string {
  const built = buildSync({
    stdin: { contents: SOURCE, resolveDir: packageRoot() },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return built.outputFiles[0]?.text ?? '';
}

const DEFINITION = {
  QueryLanguage: 'JSONata',
  StartAt: 'Record',
  States: {
    Record: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: {
        FunctionName: '${Record}',
        Payload: { tag: "{% $states.input.detail.'image-tag' %}" },
      },
      Output: '{% $states.result.Payload %}',
      End: true,
    },
  },
};

const statement = (Action: string, Resource: unknown) => ({
  Statement: [{ Effect: 'Allow', Action, Resource }],
});
const role = (policy: object) => ({
  Type: 'AWS::IAM::Role',
  Properties: { AssumeRolePolicyDocument: {}, Policies: [{ PolicyName: 'p', PolicyDocument: policy }] },
});
const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

let written: string | undefined;

/** Writes the assembly, once, and gives its directory. */
export function toyAssembly(): string {
  written ??= writeToy();
  return written;
}

function writeToy(): string {
  return writeAssembly({
    assets: { 'record.zip': { 'index.mjs': bundle() }, 'deploy.json': JSON.stringify(DEFINITION) },
    sections: {
      Outputs: { MachineArn: { Value: { Ref: 'Machine' } }, TableName: { Value: { Ref: 'Table' } } },
    },
    Resources: {
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventPattern: {
            source: ['aws.ecr'],
            'detail-type': ['ECR Image Action'],
            detail: { 'action-type': ['PUSH'] },
          },
          Targets: [{ Id: 'Machine', Arn: { Ref: 'Machine' }, RoleArn: arnOf('MachineRole') }],
        },
      },
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          RoleArn: arnOf('MachineRole'),
          DefinitionS3Location: { Bucket: 'b', Key: 'deploy.json' },
          DefinitionSubstitutions: { Record: arnOf('Record') },
        },
      },
      MachineRole: role(statement('lambda:InvokeFunction', arnOf('Record'))),
      Record: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Bucket: 'b', S3Key: 'record.zip' },
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Role: arnOf('RecordRole'),
          Timeout: 10,
          Environment: { Variables: { TABLE_NAME: { Ref: 'Table' } } },
        },
      },
      RecordRole: role(statement('dynamodb:PutItem', arnOf('Table'))),
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
        },
      },
    },
  });
}
