/** A failed call as the protocols write it, made from whatever was thrown. */
import { AwsError } from './aws-error.ts';
import type { ShapeMismatch } from './mismatch.ts';
import type { ServiceModel } from './service-model.ts';
import type { ServiceDescription } from './services.ts';
import type { Structure } from './shape.ts';

export interface Failure {
  /** The shape's name, as the JSON protocols send it. */
  readonly name: string;
  /** The code that the query protocol sends for it, with the same meaning. */
  readonly queryCode: string;
  readonly message: string;
  readonly statusCode: number;
  /** The error's shape, if the service models it, and its members beside the message. */
  readonly shape: Structure | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a simulator threw: its own AWS error, or else an internal failure. */
export function failureOf(thrown: unknown, model: ServiceModel | undefined): Failure {
  if (!(thrown instanceof AwsError)) return internalFailure(thrown);
  const shape = model?.errors.get(thrown.code);
  const unmodelled = shape ? undefined : Object.keys(thrown.fields)[0];
  if (unmodelled !== undefined) {
    return internalFailure(
      new Error(`error ${thrown.code} is not modelled, so it cannot carry ${unmodelled}`),
    );
  }
  return {
    name: shape?.name ?? thrown.code,
    queryCode: shape?.traits.awsQueryError?.[0] ?? shape?.name ?? thrown.code,
    message: thrown.message,
    statusCode: thrown.statusCode ?? statusOf(shape),
    shape,
    fields: thrown.fields,
  };
}

/** What a client sees of a bug in the local cloud: a 500 that names it. */
export function internalFailure(thrown: unknown): Failure {
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return { ...plainFailure('InternalFailure', message, 500) };
}

export function plainFailure(code: string, message: string, statusCode: number): Failure {
  return { name: code, queryCode: code, message, statusCode, shape: undefined, fields: {} };
}

/** The service's way to refuse an input that does not fit its shape. */
export function refusal(mismatch: ShapeMismatch, service: ServiceDescription): AwsError {
  const { invalid, malformed } = service.refusals;
  return new AwsError(mismatch.kind === 'type' ? malformed : invalid, mismatch.message);
}

/** The error's members with its message under the name that its shape gives it (`message`, `Message`). */
export function errorMembers({ shape, message, fields }: Failure): Record<string, unknown> {
  const name = shape?.members.find((member) => member.name.toLowerCase() === 'message')?.name ?? 'message';
  return shape && !shape.members.some((member) => member.name === name)
    ? { ...fields }
    : { ...fields, [name]: message };
}

function statusOf(shape: Structure | undefined): number {
  const { awsQueryError, httpError, error } = shape?.traits ?? {};
  return awsQueryError?.[1] ?? httpError ?? (error === 'server' ? 500 : 400);
}
