/** Checks lifecycle hooks as they are configured. */
import { AwsError } from '../../wire/aws-error.ts';
import type { EcsApi } from '../../wire/models.ts';
import { HOOKS_MAX, LAMBDA_TIMEOUT_MINUTES_MAX, PAUSE_TIMEOUT_MINUTES_MAX } from './limits.ts';
import { LIFECYCLE_STAGES } from './records.ts';

type Hook = EcsApi.DeploymentLifecycleHook;

const WITHOUT_HOOKS: readonly string[] = ['SCALE_UP', 'BAKE_TIME', 'CLEAN_UP'];
const HOOK_STAGES: readonly string[] = LIFECYCLE_STAGES.filter((stage) => !WITHOUT_HOOKS.includes(stage));
/** While traffic is being shifted nothing may wait for a person. */
const LAMBDA_ONLY: readonly string[] = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'];
const ACTIONS: readonly string[] = ['CONTINUE', 'ROLLBACK'];

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);

/** @throws AwsError `InvalidParameterException`, naming the hook's member, what was found and what is allowed */
export function checkHooks(hooks: readonly Hook[]): void {
  const pauses = hooks.filter(({ targetType }) => targetType === 'PAUSE');
  const lambdas = hooks.filter(({ targetType }) => targetType !== 'PAUSE');
  for (const [type, found] of Object.entries({ PAUSE: pauses, AWS_LAMBDA: lambdas })) {
    if (found.length > HOOKS_MAX)
      throw invalid(`lifecycleHooks of type ${type} are ${found.length}; allowed are ${HOOKS_MAX}`);
  }
  pauses.forEach(checkPause);
  lambdas.forEach(checkLambda);
}

function checkPause(hook: Hook): void {
  if (hook.hookTargetArn !== undefined || hook.roleArn !== undefined)
    throw invalid('A lifecycle hook of type PAUSE takes neither hookTargetArn nor roleArn');
  checkStages(
    hook,
    HOOK_STAGES.filter((stage) => !LAMBDA_ONLY.includes(stage)),
  );
  checkTimeout(hook, PAUSE_TIMEOUT_MINUTES_MAX);
}

function checkLambda(hook: Hook): void {
  if ((hook.targetType ?? 'AWS_LAMBDA') !== 'AWS_LAMBDA')
    throw invalid(`targetType is ${hook.targetType}; allowed are AWS_LAMBDA and PAUSE`);
  if (!hook.hookTargetArn || !hook.roleArn)
    throw invalid('A lifecycle hook of type AWS_LAMBDA needs hookTargetArn and roleArn');
  checkStages(hook, HOOK_STAGES);
  checkTimeout(hook, LAMBDA_TIMEOUT_MINUTES_MAX);
}

function checkStages({ lifecycleStages = [] }: Hook, allowed: readonly string[]): void {
  const unknown = lifecycleStages.find((stage) => !allowed.includes(stage));
  if (lifecycleStages.length > 0 && unknown === undefined) return;
  throw invalid(
    `lifecycleStages are ${lifecycleStages.join(', ') || 'none'}; allowed are ${allowed.join(', ')}`,
  );
}

function checkTimeout({ timeoutConfiguration = {} }: Hook, minutesMax: number): void {
  const { timeoutInMinutes = 1, action = 'ROLLBACK' } = timeoutConfiguration;
  if (!Number.isInteger(timeoutInMinutes) || timeoutInMinutes < 1 || timeoutInMinutes > minutesMax)
    throw invalid(`timeoutInMinutes is ${timeoutInMinutes}; allowed are 1 to ${minutesMax}`);
  if (!ACTIONS.includes(action))
    throw invalid(`timeoutConfiguration.action is ${action}; allowed are ${ACTIONS.join(' and ')}`);
}
