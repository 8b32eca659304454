/** The type of a simulator's table of operations, taken from the SDK client's own commands. */

/** Who calls, as far as the endpoint can tell. */
export interface Call {
  /** The access key id of the request: in the local cloud each function, and each person, has its own. */
  readonly caller: string;
  readonly requestId: string;
}

type CommandConstructor<Input, Output> = abstract new (
  input: Input,
) => {
  readonly input: Input;
  resolveMiddleware: (...args: never[]) => (...args: never[]) => Promise<{ output: Output }>;
};

type InputOf<C> = C extends CommandConstructor<infer Input, infer _> ? Input : never;
type OutputOf<C> =
  C extends CommandConstructor<infer _, infer Output> ? Omit<Output & object, '$metadata'> : never;

/**
 * The operations that a simulator implements: `{ DescribeServices: (input, call) => output }`, typed from the
 * client package `Sdk` (`typeof import('@aws-sdk/client-ecs')`). An operation not listed answers 501.
 * Timestamps are `Date`s, blobs `Uint8Array`s, as in the SDK's own types.
 */
export type Operations<Sdk> = {
  [K in keyof Sdk as K extends `${infer Name}Command` ? (Name extends '$' ? never : Name) : never]?: (
    input: InputOf<Sdk[K]>,
    call: Call,
  ) => OutputOf<Sdk[K]> | Promise<OutputOf<Sdk[K]>>;
};
