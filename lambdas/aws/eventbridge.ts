/** EventBridge: events put on the account's default bus. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Runtime } from '../common/runtime.ts';
import { clientOf } from './client.ts';

export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: object;
  /** ISO 8601. */
  readonly at: string;
}

export interface EventBridge {
  /** Any number of events. @returns the place of the first that was not taken, and why; undefined if all were */
  putEvents(events: readonly BusEvent[]): Promise<{ index: number; reason: string } | undefined>;
}

/** The most that one call takes. */
const ENTRIES_MAX = 10;

const clientFor = clientOf(EventBridgeClient);

export function eventbridge(runtime: Runtime): EventBridge {
  const client = clientFor(runtime);
  return {
    async putEvents(events) {
      for (let from = 0; from < events.length; from += ENTRIES_MAX) {
        const some = events.slice(from, from + ENTRIES_MAX);
        const { Entries = [] } = await client.send(
          new PutEventsCommand({
            Entries: some.map(({ source, detailType, detail, at }) => ({
              Source: source,
              DetailType: detailType,
              Detail: JSON.stringify(detail),
              Time: new Date(at),
            })),
          }),
        );
        const failed = Entries.findIndex(({ ErrorCode }) => ErrorCode !== undefined);
        if (failed < 0) continue;
        const { ErrorCode, ErrorMessage } = Entries[failed] ?? {};
        return { index: from + failed, reason: `${ErrorCode}: ${ErrorMessage}` };
      }
      return undefined;
    },
  };
}
