/** Writes the cloud assembly (template and assets) of the services in sidestep.yaml. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, Stack, Validations } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleHandlers } from './bundle-handlers.ts';
import { readConfigurationFile } from './configuration-file.ts';
import { PROJECT_DIRECTORY } from './project.ts';
import { Sidestep, type SidestepProps } from './sidestep.ts';

export interface SynthesizeOptions extends SidestepProps {
  /** sidestep.yaml; otherwise the context key `config`, SIDESTEP_CONFIG, or ./sidestep.yaml. */
  readonly configurationPath?: string;
  /** Whether the template is checked; CDK_VALIDATION=false leaves it out, for speed. */
  readonly isValidated?: boolean;
  /** Whether the functions' code is copied into the assembly; otherwise the assembly names where it lies. @default true */
  readonly copiesCode?: boolean;
}

/**
 * Needs no account, no look-ups and no Docker: the stack deploys anywhere.
 * @param outdir the directory of the assembly; CDK_OUTDIR or cdk.out if left out.
 * @throws ConfigurationInvalid with everything that is wrong with the file.
 */
export async function synthesize(outdir?: string, options: SynthesizeOptions = {}): Promise<CloudAssembly> {
  const {
    configurationPath,
    isValidated = process.env.CDK_VALIDATION !== 'false',
    copiesCode = true,
    ...props
  } = options;
  if (props.handlersDirectory === undefined && isClone()) await bundleHandlers();
  const app = new App({
    ...(outdir !== undefined && { outdir }),
    context: { ...projectContext(), ...(!copiesCode && { 'aws:cdk:disable-asset-staging': true }) },
    analyticsReporting: false,
    builtinCloudFormationValidation: isValidated,
  });
  createStack(app, configurationPath, props);
  if (isValidated) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app.synth();
}

function createStack(app: App, configurationPath: string | undefined, props: SidestepProps): void {
  const { services } = readConfigurationFile(configurationPath ?? configuredPath(app));
  const stack = new Stack(app, 'Sidestep', {
    description: 'Sidestep: moves ECS services to new images without dropping a request',
  });
  const sidestep = new Sidestep(stack, 'Sidestep', props);
  for (const service of services) sidestep.addConfiguredService(service);
  new CfnOutput(stack, 'StateMachineArn', { value: sidestep.stateMachine.stateMachineArn });
  new CfnOutput(stack, 'TopicArn', { value: sidestep.topic.topicArn });
  new CfnOutput(stack, 'TableName', { value: sidestep.table.tableName });
  new CfnOutput(stack, 'LifecycleHookArn', { value: sidestep.lifecycleHookArn });
}

/** The package brings its handlers bundled; a clone may have changed them. */
function isClone(): boolean {
  return existsSync(join(PROJECT_DIRECTORY, 'lambdas/sweep.ts'));
}

function configuredPath(app: App): string {
  return app.node.tryGetContext('config') ?? process.env.SIDESTEP_CONFIG ?? 'sidestep.yaml';
}

/** The feature flags, which the CDK CLI hands over only when it is the one that starts the app. */
function projectContext(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(PROJECT_DIRECTORY, 'cdk.json'), 'utf8')).context;
}
