/** Sidestep as a CDK construct: the machine that moves ECS services to new images, and the services it may touch. */
import { join } from 'node:path';
import { Token } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { metricsNamespace } from '../lambdas/common/config.ts';
import { ConfigurationInvalid, parseConfiguration } from '../lambdas/common/configuration.ts';
import { type RepositorySource, type ServiceConfiguration, sourcesOf } from '../lambdas/common/service.ts';
import { createAlarms, createTopic } from './alarms.ts';
import { DeploymentsDashboard } from './dashboard.ts';
import { grantOnService, grantOnStack } from './grants.ts';
import { createHandlers, type Handlers } from './handlers.ts';
import { type Names, namesFor } from './names.ts';
import { NetworkCheckers } from './network-checkers.ts';
import { createParameters, createStackParameter } from './parameters.ts';
import { PROJECT_DIRECTORY } from './project.ts';
import { reachOfService, reachOfStack } from './reach.ts';
import { Schedules } from './schedules.ts';
import { toDocument } from './service-document.ts';
import type { ServiceProps } from './service-props.ts';
import { createSignalUrl, grantSignals } from './signal-url.ts';
import { createStateMachine } from './state-machine.ts';
import { followTable } from './streams.ts';
import { createTable } from './table.ts';
import {
  allowEvents,
  createDeadLetterQueue,
  createPushRule,
  createStackTriggers,
  createWakeRules,
} from './triggers.ts';

export interface SidestepProps {
  /**
   * The first word of the state machine's name (`sidestep-deploy`) and of the parameters' path. Tells several apart.
   * @default 'sidestep'
   */
  readonly prefix?: string;
  /**
   * Where alarms are sent. Its policy must let CloudWatch publish.
   * @default a new topic
   */
  readonly topic?: ITopic;
  /**
   * A directory with each handler's bundle, `verify-targets/index.mjs`.
   * @default the handlers of this package, as its build bundled them
   */
  readonly handlersDirectory?: string;
  /** @default the state machine of this package */
  readonly definitionFile?: string;
}

export class Sidestep extends Construct {
  readonly table: Table;
  readonly topic: ITopic;
  readonly stateMachine: StateMachine;
  /** Events that could not be handled. */
  readonly deadLetterQueue: Queue;

  private readonly names: Names;
  private readonly handlers: Handlers;
  private readonly checkers: NetworkCheckers;
  private readonly schedules: Schedules;
  private readonly dashboard: DeploymentsDashboard;
  /** What addService was given, as sidestep.yaml would have it. */
  private readonly documents = new Map<string, unknown>();
  /** Repositories that have their rule. */
  private readonly repositories = new Set<string>();

  constructor(scope: Construct, id: string, props: SidestepProps = {}) {
    super(scope, id);
    this.names = namesFor(this, props.prefix ?? 'sidestep');
    this.table = createTable(this);
    this.topic = props.topic ?? createTopic(this);
    this.deadLetterQueue = createDeadLetterQueue(this);
    const codeDirectory = props.handlersDirectory ?? join(PROJECT_DIRECTORY, 'dist/lambdas');
    this.checkers = new NetworkCheckers(this, 'Checkers', codeDirectory);
    this.handlers = createHandlers(this, {
      codeDirectory,
      environment: this.environment(),
      functionNames: {
        'signal-deployment': this.names.signalFunctionName,
        'answer-lifecycle-hook': this.names.hookFunctionName,
      },
      logGroupPrefix: this.names.logGroupPrefix,
      topicArn: this.topic.topicArn,
      deadLetters: this.deadLetterQueue,
    });
    this.schedules = new Schedules(this, 'Schedules', {
      stateMachineArn: this.names.stateMachineArn,
      deadLetters: this.deadLetterQueue,
    });
    const definitionFile = props.definitionFile ?? join(PROJECT_DIRECTORY, 'statemachine/deploy.asl.json');
    this.stateMachine = createStateMachine(this, this.names.stateMachineName, definitionFile, this.handlers);
    createStackParameter(this, this.names.stackParameterName, {
      tableName: this.table.tableName,
      stateMachineArn: this.names.stateMachineArn,
      configurationPrefix: this.names.configurationPrefix,
      signalFunctionName: this.names.signalFunctionName,
      signalUrl: createSignalUrl(this.handlers['signal-deployment']),
      logGroupPrefix: this.names.logGroupPrefix,
    });
    this.dashboard = this.watch();
    this.node.addValidation({ validate: () => this.validateOrder() });
  }

  /** Of the function that a service's deploymentConfiguration names as lifecycle hook (strategy native). */
  get lifecycleHookArn(): string {
    return this.handlers['answer-lifecycle-hook'].functionArn;
  }

  /**
   * Lets a role or user speak: approve, abort, roll back, freeze and the like. Whoever approves must also be among a
   * service's `approvers`, if it names any.
   */
  grantSignals(grantee: IGrantable): void {
    grantSignals(grantee, this.handlers['signal-deployment'].functionArn);
  }

  /**
   * Deploys a service from now on.
   * @throws ConfigurationInvalid with every problem at once, in the words of sidestep.yaml.
   */
  addService(name: string, props: ServiceProps): void {
    this.documents.set(name, toDocument(props));
    const { services } = this.parse(false);
    for (const service of services) if (service.name === name) this.addConfiguredService(service);
  }

  /** Adds a service that `readConfigurationFile` gave. */
  addConfiguredService(service: ServiceConfiguration): void {
    const scope = new Construct(this, `Service-${service.name}`);
    const checker = service.checks.network && this.checkers.functionIn(service.checks.network);
    const reach = reachOfService(this, service, checker);
    createParameters(scope, withChecker(service, checker?.functionName), this.names.configurationPrefix);
    grantOnService(this.handlers, reach);
    createWakeRules(scope, service, reach, this.handlers, this.deadLetterQueue);
    this.schedules.addTo(scope, service);
    this.dashboard.addService(service);
    for (const [index, source] of sourcesOf(service).entries())
      this.listenToRepository(scope, `Pushed${index === 0 ? '' : index + 1}`, source);
  }

  private parse(isWhole: boolean): ReturnType<typeof parseConfiguration> {
    return parseConfiguration(
      { services: Object.fromEntries(this.documents) },
      { source: this.node.path, isKnownLater: (text) => Token.isUnresolved(text), isWhole },
    );
  }

  /** What services say of each other can be asked when the last one is there. */
  private validateOrder(): string[] {
    try {
      if (this.documents.size > 0) this.parse(true);
      return [];
    } catch (error) {
      if (error instanceof ConfigurationInvalid) return [error.message];
      throw error;
    }
  }

  private environment(): Record<string, string> {
    return {
      TABLE_NAME: this.table.tableName,
      CONFIGURATION_PREFIX: this.names.configurationPrefix,
      STATE_MACHINE_ARN: this.names.stateMachineArn,
    };
  }

  private watch(): DeploymentsDashboard {
    const { handlers, topic, deadLetterQueue } = this;
    const { stateMachineArn } = this.names;
    const resources = { table: this.table, topic, deadLetters: deadLetterQueue };
    grantOnStack(handlers, reachOfStack(this, resources, this.names, handlers));
    allowEvents(this, handlers);
    createStackTriggers(this, stateMachineArn, handlers, deadLetterQueue);
    followTable(this, this.table.tableStreamArn ?? '', handlers, deadLetterQueue);
    const namespace = metricsNamespace(this.names.configurationPrefix);
    const alarms = createAlarms(this, {
      topic,
      stateMachineArn,
      handlers,
      deadLetters: deadLetterQueue,
      metricsNamespace: namespace,
    });
    return new DeploymentsDashboard(this, 'Dashboard', {
      name: this.names.dashboardName,
      metricsNamespace: namespace,
      stateMachineArn,
      alarms,
    });
  }

  /** Services may share a repository: start-deployment finds all that an image feeds. */
  private listenToRepository(scope: Construct, id: string, source: RepositorySource): void {
    const key = `${source.registryId ?? ''}/${source.repository}`;
    if (this.repositories.has(key)) return;
    this.repositories.add(key);
    createPushRule(scope, id, source, this.handlers, this.deadLetterQueue);
  }
}

/** A deployment finds the function inside of the network in its configuration. */
function withChecker(service: ServiceConfiguration, functionName: string | undefined): ServiceConfiguration {
  const { checks } = service;
  if (!checks.network || functionName === undefined) return service;
  return { ...service, checks: { ...checks, network: { ...checks.network, functionName } } };
}
