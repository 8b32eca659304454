/** PutEvents: each entry is accepted or refused by itself. */
import type { EventBridgeApi } from '../wire/models.ts';
import type { Bus } from './bus.ts';
import { requireBus, validation } from './rules.ts';

const ENTRIES_MAX = 10;
const ENTRY_SIZE_MAX = 256 * 1024;

export function putEvents(
  bus: Bus,
  { Entries = [] }: EventBridgeApi.PutEventsCommandInput,
): EventBridgeApi.PutEventsResponse {
  if (Entries.length < 1 || Entries.length > ENTRIES_MAX) {
    throw validation(`Value at 'entries' has ${Entries.length} members; 1 to ${ENTRIES_MAX} are allowed`);
  }
  const results = Entries.map((entry) => putEntry(bus, entry));
  return {
    Entries: results,
    FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
  };
}

function putEntry(
  bus: Bus,
  entry: EventBridgeApi.PutEventsRequestEntry,
): EventBridgeApi.PutEventsResultEntry {
  const detail = objectIn(entry.Detail ?? '');
  const refusal = refusalOf(entry, detail);
  if (refusal || !detail)
    return refusal ?? { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  requireBus(entry.EventBusName);
  const id = bus.emit({
    source: entry.Source ?? '',
    detailType: entry.DetailType ?? '',
    resources: entry.Resources ?? [],
    detail,
    timeMs: entry.Time?.getTime(),
  });
  return { EventId: id };
}

function refusalOf(
  { Source, DetailType, Detail }: EventBridgeApi.PutEventsRequestEntry,
  detail: object | undefined,
): EventBridgeApi.PutEventsResultEntry | undefined {
  for (const [name, value] of Object.entries({ Source, DetailType, Detail })) {
    if (!value)
      return {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      };
  }
  if (Source?.startsWith('aws.'))
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  if (Buffer.byteLength(Detail ?? '') > ENTRY_SIZE_MAX) {
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Total size of the entries in the request is over the limit: ${ENTRY_SIZE_MAX} bytes.`,
    };
  }
  return detail ? undefined : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
