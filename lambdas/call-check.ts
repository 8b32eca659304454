/** CallCheck: calls one check function of the user's, waits for its answer, notes it, and wakes RunChecks. */
import type { Lambda } from './aws/lambda.ts';
import type { CheckResult, Deployment } from './common/deployment.ts';
import { StepMiscalled } from './common/errors.ts';
import type { LambdaCheck } from './common/service.ts';
import { onLambda, type Step, step } from './common/step.ts';
import { WAKE_PORTS, type WakePorts } from './common/wake.ts';
import { judgeCheckAnswer } from './decisions/check-answer.ts';
import { deploymentKey } from './table/deployments.ts';
import { checksKey, resultKey } from './waits/checks.ts';

/** Called again after a crash, it calls the function again, unless its answer is noted or the deployment has ended. */
const callCheck: Step<WakePorts> = async ({ deployment }, ports, { check, payload }) => {
  const { deploymentId, checkResults = {}, outcome } = deployment;
  const key = resultKey(Number(check));
  if (!outcome && checkResults[key] === undefined) {
    const result = await call(checkOf(deployment, Number(check)), payload as object, ports.lambda);
    ports.log.info('check answered', { check: key, passed: result.passed });
    await ports.table.write({
      update: deploymentKey(deploymentId),
      set: { [`checkResults.${key}`]: result },
      condition: { expression: 'attribute_exists(#checkResults)' },
    });
  }
  await ports.lambda.invokeLater(ports.wakeFunction, { resources: [checksKey(deploymentId)] });
  return {};
};

export const create = step('CallCheck', callCheck, WAKE_PORTS);
export const handler = onLambda(create);

function checkOf({ service, configuration }: Deployment, index: number): LambdaCheck {
  const check = configuration.checks.lambda[index];
  if (!check) throw new StepMiscalled(`checks.lambda of ${service} has no item ${index}`);
  return check;
}

/** This function has 15 minutes too: the answer has to be noted before they are over. */
const CALL_SECONDS_MAX = 880;

async function call(
  { functionName, timeoutSeconds }: LambdaCheck,
  payload: object,
  lambda: Lambda,
): Promise<CheckResult> {
  const limitSeconds = Math.min(timeoutSeconds, CALL_SECONDS_MAX);
  try {
    const said = await lambda.invoke(functionName, payload, limitSeconds);
    return said.answered ? judgeCheckAnswer(said.payload) : { passed: false, reason: said.reason };
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError')
      return { passed: false, reason: `it gave no answer within ${limitSeconds} s` };
    throw error;
  }
}
