/** Ends of a command that are no bugs: they are told in a sentence, without a stack. */
import { SIGNAL_EXIT_CODES } from './exit-codes.ts';

/** The command line asks for what cannot be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command cannot do its work, for a reason outside of it. */
export class CannotDo extends Error {
  override readonly name = 'CannotDo';
}

/** A signal asked the command to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(signal: keyof typeof SIGNAL_EXIT_CODES) {
    super(`interrupted by ${signal}`);
    this.exitCode = SIGNAL_EXIT_CODES[signal];
  }
}
