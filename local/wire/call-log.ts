/** The endpoint's log of calls, and the interceptors that may fail a call or lose its answer. */
import { AwsError } from './aws-error.ts';
import { ConnectionLost } from './connection-lost.ts';
import type { CallRecord, Interceptor } from './endpoint.ts';

export interface CallLog {
  readonly calls: readonly CallRecord[];
  /** Notes that a call arrived; `fail` on the result notes its error's code. */
  add(call: Omit<CallRecord, 'error'>): { fail(code: string): void };
}

/** Keeps the newest `limit` calls; none if it is 0. */
export function createCallLog(limit: number): CallLog {
  const calls: CallRecord[] = [];
  return {
    calls,
    add: (call) => {
      if (limit === 0) return { fail: () => {} };
      // A copy: the simulator that gets the input may keep it and change it.
      const entry: CallRecord = { ...call, input: structuredClone(call.input) };
      calls.push(entry);
      if (calls.length > limit) calls.shift();
      return {
        fail: (code) => {
          entry.error = code;
        },
      };
    },
  };
}

export interface Interceptors {
  add(interceptor: Interceptor): () => void;
  before(call: Omit<CallRecord, 'error'>): Promise<void>;
  after(call: Omit<CallRecord, 'error'>): Promise<void>;
}

/** Runs the interceptors in the order in which they were added. */
export function createInterceptors(): Interceptors {
  const interceptors = new Set<Interceptor>();
  return {
    add: (interceptor) => {
      interceptors.add(interceptor);
      return () => interceptors.delete(interceptor);
    },
    before: async (call) => {
      for (const interceptor of [...interceptors]) await asFault(() => interceptor.before?.(call));
    },
    after: async (call) => {
      for (const interceptor of [...interceptors]) await asFault(() => interceptor.after?.(call));
    },
  };
}

/** What an interceptor throws is a fault made on purpose, so it must not be taken for a bug of ours. */
async function asFault(intercept: () => void | Promise<void>): Promise<void> {
  try {
    await intercept();
  } catch (thrown) {
    if (thrown instanceof AwsError || thrown instanceof ConnectionLost) throw thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new AwsError('InternalFailure', message, { statusCode: 500 });
  }
}
