/** What Lambda answers when a function fails: the payload that comes with `FunctionError: Unhandled`. */

export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** The error of a handler that threw. Like Lambda's Node runtime: the class's name becomes `errorType`. */
export function thrownError(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error))
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') };
}

/** The error of an invocation that ran longer than its function may. */
export function timedOutError(requestId: string, timeoutSeconds: number): FunctionError {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
  return { errorType: 'Sandbox.Timedout', errorMessage };
}

/** The error of an invocation whose process ended before it answered. `how` as in `exit status 1`, `signal: killed`. */
export function exitedError(requestId: string, how: string): FunctionError {
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
  };
}

/** The error of an answer that is too large to return. */
export function answerTooLargeError(maxBytes: number): FunctionError {
  return {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${maxBytes} bytes).`,
  };
}
