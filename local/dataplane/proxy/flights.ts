/** Every request and connection now in flight, by the target that it went to: counted, watched for time-outs, and cut. */

/** One request in flight, one WebSocket, or one connection of a TCP listener. */
export interface Flight {
  /** The TCP listener that the connection came in by. */
  readonly listenerArn?: string;
  readonly targetGroupArn: string;
  /** `host:port` */
  readonly target: string;
  /** Ends it as the load balancer's failure, if it is older or quieter than allowed. Wall time. */
  checkTime(nowMs: number): void;
  /** Ends it as a 502: the client sees the answer, or, if one had begun (or there are none), a broken connection. */
  cut(): void;
}

export interface Flights {
  add(flight: Flight): void;
  remove(flight: Flight): void;
  /** Those to a target; with a group only those that went through it. */
  to(target: string, targetGroupArn?: string): Flight[];
  /** Those from a TCP listener to a group. */
  through(listenerArn: string, targetGroupArn: string): Flight[];
  checkTime(nowMs: number): void;
}

export function createFlights(): Flights {
  const byTarget = new Map<string, Set<Flight>>();
  return {
    add: (flight) => {
      const flights = byTarget.get(flight.target) ?? new Set();
      byTarget.set(flight.target, flights.add(flight));
    },
    remove: (flight) => {
      const flights = byTarget.get(flight.target);
      flights?.delete(flight);
      if (flights?.size === 0) byTarget.delete(flight.target);
    },
    to: (target, targetGroupArn) =>
      [...(byTarget.get(target) ?? [])].filter(
        (flight) => targetGroupArn === undefined || flight.targetGroupArn === targetGroupArn,
      ),
    through: (listenerArn, targetGroupArn) =>
      [...byTarget.values()]
        .flatMap((flights) => [...flights])
        .filter((flight) => flight.listenerArn === listenerArn && flight.targetGroupArn === targetGroupArn),
    checkTime: (nowMs) => {
      for (const flights of byTarget.values()) for (const flight of flights) flight.checkTime(nowMs);
    },
  };
}
