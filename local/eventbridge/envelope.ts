/** The envelope that every event travels in. */
import { LOCAL_ACCOUNT, LOCAL_REGION, type ServiceEvent } from '../platform.ts';

export interface EventEnvelope {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  /** ISO 8601, whole seconds. */
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown>;
}

/** Wraps an event; what is in `event` is copied through JSON, as it would travel. */
export function envelop(event: ServiceEvent, id: string, nowMs: number): EventEnvelope {
  return {
    version: '0',
    id,
    'detail-type': event.detailType,
    source: event.source,
    account: LOCAL_ACCOUNT,
    time: wholeSeconds(event.timeMs ?? nowMs),
    region: LOCAL_REGION,
    resources: [...event.resources],
    detail: JSON.parse(JSON.stringify(event.detail)),
  };
}

const wholeSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
