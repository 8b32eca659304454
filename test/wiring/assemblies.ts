/** Cloud assemblies for the tests of wiring, written from a template's resources, and a target that records. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionDescription } from '../../local/lambda/function-registry.ts';
import { createRoles } from '../../local/wiring/iam/roles.ts';
import type { WiringTarget } from '../../local/wiring/target.ts';

export interface AssemblyParts {
  Resources: Record<string, unknown>;
  /** Other sections of the template. */
  sections?: Record<string, unknown>;
  /** Contents of assets: text for a file, a record of files for a directory; the key is the S3 object key. */
  assets?: Record<string, string | Record<string, string>>;
}

/** Writes what `cdk synth` would, and gives its directory. */
export function writeAssembly({ Resources, sections = {}, assets = {} }: AssemblyParts): string {
  const directory = mkdtempSync(join(tmpdir(), 'sidestep-assembly-'));
  const write = (name: string, value: unknown) => writeFileSync(join(directory, name), JSON.stringify(value));
  write('manifest.json', {
    artifacts: {
      Toy: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Toy.template.json' } },
      'Toy.assets': { type: 'cdk:asset-manifest' },
    },
  });
  write('Toy.template.json', { Resources, ...sections });
  for (const [key, contents] of Object.entries(assets)) writeAsset(join(directory, `asset.${key}`), contents);
  const files = Object.keys(assets).map((objectKey) => [
    objectKey,
    { source: { path: `asset.${objectKey}` }, destinations: { here: { bucketName: 'b', objectKey } } },
  ]);
  write('Toy.assets.json', { files: Object.fromEntries(files) });
  return directory;
}

function writeAsset(path: string, contents: string | Record<string, string>): void {
  if (typeof contents === 'string') {
    writeFileSync(path, contents);
  } else {
    mkdirSync(path);
    for (const [name, text] of Object.entries(contents)) writeFileSync(join(path, name), text);
  }
}

/** What each operation answers that a resource's Ref needs. */
const ANSWERS: Record<string, (input: Record<string, string>) => object> = {
  CreateTable: ({ TableName }) => ({ TableDescription: { TableName, TableArn: `arn:table/${TableName}` } }),
  CreateQueue: ({ QueueName }) => ({ QueueUrl: `http://queue/${QueueName}` }),
  CreateTopic: ({ Name }) => ({ TopicArn: `arn:topic:${Name}` }),
  CreateStateMachine: ({ name }) => ({ stateMachineArn: `arn:machine:${name}` }),
  PutRule: ({ Name }) => ({ RuleArn: `arn:rule/${Name}` }),
};

export interface RecordingTarget extends WiringTarget {
  readonly calls: { operation: string; input: unknown }[];
  readonly functions: FunctionDescription[];
}

/** A target that answers every operation and keeps what it was asked. */
export function recordingTarget(): RecordingTarget {
  const calls: RecordingTarget['calls'] = [];
  const functions: FunctionDescription[] = [];
  const service = new Proxy(
    {},
    {
      get: (_, operation: string) => (input: Record<string, string>) => {
        calls.push({ operation, input });
        return ANSWERS[operation]?.(input) ?? {};
      },
    },
  );
  return {
    calls,
    functions,
    dynamodb: service,
    events: service,
    lambda: service,
    logs: service,
    monitoring: service,
    scheduler: service,
    sns: service,
    sqs: service,
    ssm: service,
    states: service,
    roles: createRoles(),
    registerFunction: (description) => void functions.push(description),
  };
}
