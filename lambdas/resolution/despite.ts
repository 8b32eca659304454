/** A person's reason, as the record keeps it, for what would otherwise be refused. */
import type { Despite } from '../common/deployment.ts';
import type { Asked } from './requested-image.ts';

/** @returns undefined if the request gives no reason: then the refusal stands */
export function despiteOf(
  request: Asked,
  refusal: string,
  alarms: readonly string[] = [],
): Despite | undefined {
  if (request.kind !== 'person' || !request.despite) return undefined;
  return { reason: request.despite, alarms, refusals: [refusal] };
}

/** All that one reason has overruled. */
export function mergeDespites(despites: readonly (Despite | undefined)[]): Despite | undefined {
  const given = despites.filter((despite) => despite !== undefined);
  const [first] = given;
  return (
    first && {
      reason: first.reason,
      alarms: given.flatMap(({ alarms }) => alarms),
      refusals: given.flatMap(({ refusals = [] }) => refusals),
    }
  );
}
