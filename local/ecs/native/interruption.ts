/** What can cut a native deployment short, and the promise by which every wait of it learns so. */

export type Interruption =
  /** Back to blue. */
  | { readonly to: 'roll-back'; readonly reason: string }
  /** Failed with rollback switched off: everything stays as it stands. */
  | { readonly to: 'stop'; readonly reason: string }
  /** A newer deployment, or the service's end, takes over: nothing more is done. */
  | { readonly to: 'leave' };

/** Thrown out of a wait, or by a step that cannot go on. */
export class Interrupted extends Error {
  readonly interruption: Interruption;

  constructor(interruption: Interruption) {
    super('reason' in interruption ? interruption.reason : 'the service deployment was superseded');
    this.name = 'Interrupted';
    this.interruption = interruption;
  }
}

export const rolledBackFor = (why: string): Interrupted =>
  new Interrupted({ to: 'roll-back', reason: `Service deployment rolled back because ${why}` });

export interface Interrupt {
  /** Only the first one counts. */
  give(interruption: Interruption): void;
  /** The promise's own end, or the interruption, whichever comes first. @throws Interrupted */
  race<Value>(promise: Promise<Value>): Promise<Value>;
}

export function createInterrupt(): Interrupt {
  let reject: (error: Interrupted) => void = () => {};
  const interrupted = new Promise<never>((_, fail) => {
    reject = fail;
  });
  // Whoever waits hears of it in the race; between two waits nobody does, and that is no fault.
  interrupted.catch(() => {});
  return {
    give: (interruption) => reject(new Interrupted(interruption)),
    race: (promise) => Promise.race([interrupted, promise]),
  };
}
