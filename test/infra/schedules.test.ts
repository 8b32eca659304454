/** Schedules of a service: EventBridge Scheduler starts the machine, under a role that may do that and nothing else. */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { expect, it } from 'vitest';
import { toDocument } from '../../infra/service-document.ts';
import { Sidestep } from '../../infra/sidestep.ts';
import { Strategy } from '../../infra/strategy-props.ts';
import { emptyHandlers, temporaryDirectory } from './files.ts';
import { rendered, SynthesizedTemplate } from './template.ts';

it('are resources of the stack, and windows stand in the configuration', () => {
  const app = new App({ outdir: temporaryDirectory(), builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Shop');
  const sidestep = new Sidestep(stack, 'Sidestep', { handlersDirectory: emptyHandlers() });
  const props = {
    repository: Repository.fromRepositoryName(stack, 'Repository', 'orders'),
    container: 'app',
    exactTag: 'live',
    strategy: Strategy.rolling(),
    sides: [{ cluster: 'prod', service: 'orders' }],
    windows: [{ opens: 'cron(0 9 ? * MON-FRI *)', duration: Duration.hours(8), timeZone: 'Europe/Berlin' }],
    schedules: [
      { name: 'nightly', at: 'cron(0 3 * * ? *)', timeZone: 'Europe/Berlin' },
      { name: 'fresh', at: 'rate(7 days)', force: true },
    ],
  };
  expect(toDocument(props)).toMatchObject({ windows: [{ for: '28800s' }] });
  sidestep.addService('orders', props);
  const template = SynthesizedTemplate.read(app.synth().directory, 'Shop');

  const schedules = template.ofType('AWS::Scheduler::Schedule');
  const [machine] = template.ofType('AWS::StepFunctions::StateMachine');
  expect(schedules.map(({ properties }) => properties)).toMatchObject([
    {
      ScheduleExpression: 'cron(0 3 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'OFF' },
    },
    { ScheduleExpression: 'rate(7 days)', ScheduleExpressionTimezone: 'UTC' },
  ]);
  const { Target } = schedules[1]?.properties ?? {};
  expect(JSON.parse(Target.Input)).toEqual({
    service: 'orders',
    schedule: 'fresh',
    force: true,
    scheduledAt: '<aws.scheduler.scheduled-time>',
  });
  expect(rendered(Target.Arn)).toMatch(/:stateMachine:sidestep-deploy$/);
  expect(machine?.properties.StateMachineName).toBe('sidestep-deploy');
  expect(Target.DeadLetterConfig.Arn).toBeDefined();

  const roles = template
    .ofType('AWS::IAM::Role')
    .filter(({ properties }) => JSON.stringify(properties).includes('scheduler.amazonaws.com'));
  expect(roles).toHaveLength(1);
  const statements = roles.flatMap((role) => template.statementsOf(role));
  expect(statements.map(({ Action }) => Action)).toEqual(['states:StartExecution', 'sqs:SendMessage']);
  expect(rendered(statements[0]?.Resource)).toBe(rendered(Target.Arn));
});
