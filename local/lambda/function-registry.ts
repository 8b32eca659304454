/** The functions that exist, and what their resources say about them beyond how they run. */
import { AwsError } from '../wire/aws-error.ts';
import type { FunctionConfiguration } from './function-host.ts';

/** A function as it is registered. */
export interface FunctionDescription extends FunctionConfiguration {
  roleArn: string;
  runtime: string;
  architectures: readonly string[];
  /** The queue or topic that gets an event whose asynchronous invocations all failed. */
  deadLetterArn?: string;
}

/** What happens to asynchronous invocations. */
export interface AsyncSettings {
  /** 0 to 2. */
  retryAttemptsMax: number;
  eventAgeSecondsMax: number;
  onFailureArn?: string;
  onSuccessArn?: string;
}

/** One statement of a function's own policy. */
export interface Permission {
  statementId: string;
  action: string;
  principal: string;
  sourceArn?: string;
  /** Condition keys that the caller's request must have these values of. */
  conditions?: Readonly<Record<string, string>>;
}

export interface RegisteredFunction {
  readonly description: FunctionDescription;
  readonly lastModifiedMs: number;
  asyncSettings: AsyncSettings;
  readonly permissions: Permission[];
  /** Its URL, if it has one. */
  url?: { readonly createdAtMs: number };
}

export interface FunctionRegistry {
  add(description: FunctionDescription, nowMs: number): void;
  /** By name, `function:name`, or ARN. @throws AwsError `ResourceNotFoundException` */
  find(nameOrArn: string): RegisteredFunction;
  all(): RegisteredFunction[];
}

/** Lambda's own defaults. */
export const DEFAULT_ASYNC: AsyncSettings = { retryAttemptsMax: 2, eventAgeSecondsMax: 6 * 3600 };

export function createFunctionRegistry(): FunctionRegistry {
  const functions = new Map<string, RegisteredFunction>();
  return {
    add(description, nowMs) {
      const { functionName } = description;
      if (functions.has(functionName)) {
        throw new AwsError('ResourceConflictException', `Function already exist: ${functionName}`);
      }
      functions.set(functionName, {
        description,
        lastModifiedMs: nowMs,
        asyncSettings: DEFAULT_ASYNC,
        permissions: [],
      });
    },
    find(nameOrArn) {
      const found = functions.get(nameIn(nameOrArn));
      if (!found) throw new AwsError('ResourceNotFoundException', `Function not found: ${nameOrArn}`);
      return found;
    },
    all: () => [...functions.values()],
  };
}

/** `arn:aws:lambda:region:account:function:name[:$LATEST]` and its shorter forms → `name`. */
function nameIn(nameOrArn: string): string {
  const match = /^(?:(?:arn:aws:lambda:[^:]+:)?(?:[^:]+:)?function:)?([^:]+)(?::\$LATEST)?$/.exec(nameOrArn);
  return match?.[1] ?? nameOrArn;
}
