/** The border between the Lambda simulator and whatever runs a function's bundle: a child process, or this one. */

/** A function as the template describes it. */
export interface FunctionConfiguration {
  functionName: string;
  functionArn: string;
  /** The directory of the unpacked code asset. */
  codeDirectory: string;
  /** `index.handler`. */
  handler: string;
  environment: Readonly<Record<string, string>>;
  timeoutSeconds: number;
  memoryMegabytes: number;
  /** Where its output goes: `/aws/lambda/<name>` unless the template says otherwise. */
  logGroupName: string;
}

/** What an invocation gave: exactly one of the two. */
export type InvocationResult =
  | { payload: unknown }
  /** As Lambda answers when a function throws: the payload of a `FunctionError`. */
  | { error: { errorType: string; errorMessage: string; trace?: string[] } };

export interface FunctionHost {
  /** Runs the function once. The event is cloned through JSON on the way in and out. Never rejects. */
  invoke(configuration: FunctionConfiguration, event: unknown, requestId: string): Promise<InvocationResult>;
  /** Starts the function's process ahead of its first invocation. */
  warmUp(configuration: FunctionConfiguration): Promise<void>;
  close(): Promise<void>;
}
