/** Task tokens: who waits for which, and what an answer to a token that nobody waits for is told. */
import { createHash } from 'node:crypto';
import type { Random } from '../random.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { Json } from './json.ts';

export type TaskAnswer = { output: Json } | { error: string | undefined; cause: string | undefined };

/** Somebody who waits for a token: a Task state in an attempt. */
export interface TokenWaiter {
  answer(answer: TaskAnswer): void;
  heartbeat(): void;
}

export interface TaskTokens {
  /** Makes a token that nobody ever had, and opens it. */
  open(waiter: TokenWaiter): string;
  /** Ends the wait. Closing twice does nothing. */
  close(token: string): void;
  /** Gives the answer to who waits, and closes. @throws AwsError `TaskTimedOut`, `InvalidToken` */
  answer(token: string, answer: TaskAnswer): void;
  /** @throws AwsError `TaskTimedOut`, `InvalidToken` */
  heartbeat(token: string): void;
}

const CHECK_DIGITS = 16;
const RANDOM_DIGITS = 184;

export function createTaskTokens(random: Random): TaskTokens {
  const waiting = new Map<string, TokenWaiter>();
  const waiterOf = (token: string): TokenWaiter => {
    const waiter = waiting.get(token);
    if (waiter) return waiter;
    if (!isGenuine(token)) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    // The API also models TaskDoesNotExist; which of the two AWS gives after a close is not documented.
    throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
  };
  return {
    open(waiter) {
      const token = makeToken(random);
      waiting.set(token, waiter);
      return token;
    },
    close(token) {
      waiting.delete(token);
    },
    answer(token, answer) {
      const waiter = waiterOf(token);
      waiting.delete(token);
      waiter.answer(answer);
    },
    heartbeat: (token) => waiterOf(token).heartbeat(),
  };
}

/** A token carries a check, so that a closed one can be told from garbage without keeping every token. */
function makeToken(random: Random): string {
  const body = random.hex(RANDOM_DIGITS);
  return Buffer.from(`${body}${checkOf(body)}`, 'hex').toString('base64');
}

function isGenuine(token: string): boolean {
  const digits = Buffer.from(token, 'base64').toString('hex');
  const body = digits.slice(0, RANDOM_DIGITS);
  return digits.length === RANDOM_DIGITS + CHECK_DIGITS && digits.slice(RANDOM_DIGITS) === checkOf(body);
}

function checkOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, CHECK_DIGITS);
}
