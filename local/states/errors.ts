/** How a state fails: names that Retry and Catch can match, and the causes that go with them. */

/** A state's failure, on its way to a Retry, a Catch or the execution's end. */
export class StateFailure extends Error {
  /** The error's name as ErrorEquals sees it; a Fail state may have none. */
  readonly error: string | undefined;
  override readonly cause: string | undefined;

  constructor(error: string | undefined, cause?: string) {
    super(`${error ?? 'failure without a name'}${cause === undefined ? '' : `: ${cause}`}`);
    this.name = 'StateFailure';
    this.error = error;
    this.cause = cause;
  }
}

/** A failed evaluation, before it is known in which state: `location` is the field (`Output/result`). */
export class EvaluationFailure extends Error {
  readonly location: string | undefined;

  constructor(message: string, location?: string) {
    super(message);
    this.name = 'EvaluationFailure';
    this.location = location;
  }
}

/** Thrown inside a branch that was cut off: nothing may happen in it any more. */
export class BranchCancelled extends Error {
  constructor() {
    super('the branch was cancelled');
    this.name = 'BranchCancelled';
  }
}

export const QUERY_EVALUATION_ERROR = 'States.QueryEvaluationError';
export const TIMEOUT = 'States.Timeout';
export const RUNTIME = 'States.Runtime';
export const DATA_LIMIT_EXCEEDED = 'States.DataLimitExceeded';
export const TOLERANCE_EXCEEDED = 'States.ExceedToleratedFailureThreshold';
export const NO_CHOICE_MATCHED = 'States.NoChoiceMatched';

/** What a Catch without Output hands on, and `$states.errorOutput`. An absent part is an empty text (recorded on AWS). */
export function errorOutput(failure: StateFailure): { Error: string; Cause: string } {
  return { Error: failure.error ?? '', Cause: failure.cause ?? '' };
}

export function dataLimitExceeded(stateName: string): StateFailure {
  const cause = `The state/task '${stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  return new StateFailure(DATA_LIMIT_EXCEEDED, cause);
}

/**
 * Whether one name of ErrorEquals matches a failure.
 * States.Runtime is never matched; States.DataLimitExceeded only by its own name. States.TaskFailed stands for
 * every error but States.Timeout. Source: "Handling errors in Step Functions workflows".
 */
export function matchesError(name: string, failure: StateFailure): boolean {
  const { error } = failure;
  if (error === RUNTIME) return false;
  if (name === error) return true;
  if (error === DATA_LIMIT_EXCEEDED) return false;
  if (name === 'States.ALL') return true;
  return name === 'States.TaskFailed' && error !== TIMEOUT;
}
