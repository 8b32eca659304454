/** What the machine caught, in words: Lambda's Cause is a JSON text, a callback's is the message itself. */

/** `$states.errorOutput` as a Catch assigned it; empty if nothing was caught. */
export interface Caught {
  readonly Error?: string;
  readonly Cause?: string;
}

/** `TasksKeepFailing: 3 tasks of orders-b failed …`; empty if nothing was caught. */
export function describeFailure(caught: unknown): string {
  const { Error: error = '', Cause: cause = '' } = (caught ?? {}) as Caught;
  return [error, messageIn(cause)].filter(Boolean).join(': ');
}

function messageIn(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    const message = (parsed as { errorMessage?: unknown } | null)?.errorMessage;
    return typeof message === 'string' ? message : cause;
  } catch {
    return cause;
  }
}

/** Failures of what is around a deployment. */
const ABOUT_NO_IMAGE = ['AwsNotAnswering', 'MigrationStillRuns', 'DeploymentSuperseded'];

/** Whether a failure says anything of the image: AWS that did not answer, or a function that died, says nothing. */
export function isAboutImage(caught: unknown): boolean {
  const { Error: error = '' } = (caught ?? {}) as Caught;
  return (
    !ABOUT_NO_IMAGE.includes(error) && !isDriftOfEcs(caught) && !/^(Lambda|Sandbox|Runtime)\./.test(error)
  );
}

/** Whether somebody else began a deployment of the service in ECS: then nothing was rolled back, and nothing failed to be. */
export function isDriftOfEcs(caught: unknown): boolean {
  return (caught as Caught | undefined)?.Error === 'ServiceDeploymentSuperseded';
}

/** Whether a deployment stepped back because it was superseded: also if its execution died over it, and nothing was caught. */
export function isSuperseded(caught: unknown): boolean {
  const { Error: error } = (caught ?? {}) as Caught;
  return error === undefined || error === 'DeploymentSuperseded';
}
