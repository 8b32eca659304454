/** The bus: an event in, matched against every rule, delivered to their targets after the bus's latency. */
import type { Platform, ServiceEvent } from '../platform.ts';
import type { Deliver } from '../simulators.ts';
import { deliverToTarget } from './delivery.ts';
import { type EventEnvelope, envelop } from './envelope.ts';
import type { Rule } from './rules.ts';
import { targetPayload } from './target-input.ts';

/** The bus needs all of the platform but the bus itself. */
export type BusPlatform = Omit<Platform, 'emit'>;

/**
 * What becomes of an event: so many copies, each so much later than usual. An empty list loses it; undefined
 * leaves it alone.
 */
export type Disturbance = (event: EventEnvelope) => { copies: number; delayMs: number }[] | undefined;

export interface Bus {
  /** Never throws. @returns the event's id. */
  emit(event: ServiceEvent): string;
  /** Delivers a schedule's event to its own rule's targets only. */
  fire(rule: Rule, atMs: number): void;
  /** Sets what happens to events on their way to targets; undefined ends it. */
  disturb(disturbance: Disturbance | undefined): void;
}

export function createBus(platform: BusPlatform, deliver: Deliver, rules: () => Iterable<Rule>): Bus {
  const random = platform.random.fork('eventbridge');
  const ground = { clock: platform.clock, fault: (error: unknown) => platform.fault(error), random };
  let disturbance: Disturbance | undefined;

  const deliverTo = (rule: Rule, event: EventEnvelope): void => {
    for (const target of [...rule.targets.values()]) {
      deliverToTarget(ground, deliver, target, structuredClone(targetPayload(target, event, rule)));
    }
  };

  /** Rules are matched on arrival; what happens to a rule afterwards does not call the event back. */
  const route = (event: EventEnvelope): void => {
    const matching = [...rules()].filter((rule) => rule.isEnabled && rule.pattern?.matches(event));
    if (matching.length === 0) return;
    for (const { copies, delayMs } of disturbance?.(event) ?? [{ copies: 1, delayMs: 0 }]) {
      for (let copy = 0; copy < copies; copy += 1) {
        platform.clock.setTimer(platform.latencies.eventMs + delayMs, () => {
          for (const rule of matching) deliverTo(rule, event);
        });
      }
    }
  };

  return {
    emit: (event) => {
      const id = random.uuid();
      try {
        route(envelop(event, id, platform.clock.now()));
      } catch (error) {
        platform.fault(error);
      }
      return id;
    },
    fire: (rule, atMs) => {
      const event = {
        source: 'aws.events',
        detailType: 'Scheduled Event',
        resources: [rule.arn],
        detail: {},
        timeMs: atMs,
      };
      deliverTo(rule, envelop(event, random.uuid(), atMs));
    },
    disturb: (next) => {
      disturbance = next;
    },
  };
}
