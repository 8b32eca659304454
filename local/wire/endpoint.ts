/** The shape of an endpoint: one request in, one answer out, whichever way it travelled. */

/** An HTTP request as the wire layer sees it; header names are lower case. */
export interface WireRequest {
  method: string;
  path: string;
  /** The raw query string, without `?`. */
  query: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

export interface WireResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** One call as the endpoint's log keeps it. */
export interface CallRecord {
  atMs: number;
  caller: string;
  /** Credential scope: `ecs`, `elasticloadbalancing`, `states` … */
  service: string;
  operation: string;
  input: unknown;
  /** The error's code, if the call failed. */
  error?: string;
}

/** What a fault may do to a call: nothing, fail it before it takes effect, or lose the answer after it has. */
export interface Interceptor {
  /** Called before the operation; throw an `AwsError` to fail it without effect. May delay. */
  before?(call: Omit<CallRecord, 'error'>): void | Promise<void>;
  /** Called after the operation took effect; throw to lose its answer. */
  after?(call: Omit<CallRecord, 'error'>): void | Promise<void>;
}

export interface Endpoint {
  handle(request: WireRequest): Promise<WireResponse>;
  /** Every call that arrived, in order, while recording is on (the newest `limit` of them). */
  readonly calls: readonly CallRecord[];
  /** Adds an interceptor; the result removes it. */
  intercept(interceptor: Interceptor): () => void;
}
