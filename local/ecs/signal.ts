/** A promise that is resolved from outside, once. */
export interface Signal {
  readonly promise: Promise<void>;
  give(): void;
}

export function createSignal(): Signal {
  let give = (): void => {};
  const promise = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { promise, give };
}
