/** The history of one execution, as GetExecutionHistory gives it. */
import type { Clock } from '../clock/clock.ts';
import type { SfnApi } from '../wire/models.ts';

export type HistoryEvent = SfnApi.HistoryEvent;
export type HistoryEventType = SfnApi.HistoryEventType;
/** The one member of an event that its type calls for: `{ taskFailedEventDetails: … }`. */
export type EventDetails = Omit<HistoryEvent, 'timestamp' | 'type' | 'id' | 'previousEventId'>;

/** The most events of a history; the last place is kept for the event that ends the execution. */
export const EVENTS_MAX = 25_000;

/** Thrown when there is room left for the execution's end only. */
export class HistoryFull extends Error {
  constructor() {
    super(`The execution reached the maximum number of history events (${EVENTS_MAX}).`);
    this.name = 'HistoryFull';
  }
}

export interface History {
  readonly events: readonly HistoryEvent[];
  /**
   * Appends an event and returns its id.
   * @throws HistoryFull
   */
  add(type: HistoryEventType, previousEventId: number, details?: EventDetails): number;
  /** Appends the event that ends the execution, for which there is always room. */
  end(type: HistoryEventType, previousEventId: number, details: EventDetails): number;
}

export function createHistory(clock: Clock, onEvent: (event: HistoryEvent) => void): History {
  const events: HistoryEvent[] = [];
  const append: History['end'] = (type, previousEventId, details) => {
    const event: HistoryEvent = {
      timestamp: new Date(clock.now()),
      type,
      id: events.length + 1,
      previousEventId,
      ...details,
    };
    events.push(event);
    onEvent(event);
    return events.length;
  };
  return {
    events,
    end: append,
    add(type, previousEventId, details = {}) {
      if (events.length >= EVENTS_MAX - 1) throw new HistoryFull();
      return append(type, previousEventId, details);
    },
  };
}

const DATA_MEMBERS = ['input', 'output', 'parameters', 'assignedVariables'];

/** An event without its data, as `includeExecutionData: false` asks for. */
export function withoutData(event: HistoryEvent): HistoryEvent {
  const members = Object.entries(event).map(([name, value]) => [
    name,
    name.endsWith('EventDetails') ? stripped(value) : value,
  ]);
  return Object.fromEntries(members) as HistoryEvent;
}

function stripped(details: object): object {
  return Object.fromEntries(Object.entries(details).filter(([name]) => !DATA_MEMBERS.includes(name)));
}
