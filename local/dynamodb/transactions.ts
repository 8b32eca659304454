/** TransactWriteItems and TransactGetItems: all or nothing, with a reason for each action. */
import type { Clock } from '../clock/clock.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { DynamoDbApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import type { Item } from './attribute-value.ts';
import { reader, refuseAccounts } from './items.ts';
import type { Tables } from './tables.ts';
import { apply, checkOf, deleteOf, judge, type Outcome, putOf, updateOf, type Write } from './write.ts';

const ACTIONS_MAX = 100;
/** How long a ClientRequestToken is remembered. */
const TOKEN_LIFE_MS = 10 * 60_000;

type Reason = { Code: string; Message?: string; Item?: Item };
type Judged = { outcome: Outcome } | { reason: Reason };

export function transactionOperations(tables: Tables, clock: Clock): Operations<typeof DynamoDbApi> {
  const tokens = createTokens(clock);
  return {
    TransactWriteItems: (input) => {
      refuseAccounts('TransactWriteItems', input);
      const token = input.ClientRequestToken;
      if (token !== undefined && tokens.isRepeat(token, input)) return {};
      transact((input.TransactItems ?? []).map((action) => writeOf(tables, action)));
      if (token !== undefined) tokens.remember(token, input);
      return {};
    },
    TransactGetItems: (input) => {
      refuseAccounts('TransactGetItems', input);
      requireCount(input.TransactItems?.length ?? 0);
      const items = (input.TransactItems ?? []).map(
        ({ Get }) => Get && reader(Get)(tables.named(Get.TableName), Get.Key),
      );
      return { Responses: items.map((item) => (item ? { Item: item } : {})) };
    },
  };
}

function transact(writes: readonly Write[]): void {
  requireCount(writes.length);
  const judged = writes.map(attempt);
  requireDistinctItems(writes, judged);
  const reasons = judged.map((one): Reason => ('reason' in one ? one.reason : { Code: 'None' }));
  if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
  writes.forEach((write, index) => {
    const one = judged[index];
    if (one && 'outcome' in one) apply(write, one.outcome);
  });
}

function attempt(write: Write): Judged {
  try {
    return { outcome: judge(write) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'ConditionalCheckFailedException') {
      return { reason: { Code: 'ConditionalCheckFailed', Message: error.message, ...error.fields } };
    }
    return { reason: { Code: 'ValidationError', Message: error.message } };
  }
}

function writeOf(
  tables: Tables,
  { Put, Update, Delete, ConditionCheck }: DynamoDbApi.TransactWriteItem,
): Write {
  if ([Put, Update, Delete, ConditionCheck].filter(Boolean).length !== 1) {
    throw validation('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  if (Put) return putOf(tables.named(Put.TableName), { ...Put, Item: Put.Item });
  if (Update) return updateOf(tables.named(Update.TableName), { ...Update, Key: Update.Key });
  if (Delete) return deleteOf(tables.named(Delete.TableName), { ...Delete, Key: Delete.Key });
  return checkOf(tables.named(ConditionCheck?.TableName), { ...ConditionCheck, Key: ConditionCheck?.Key });
}

function requireCount(count: number): void {
  if (count >= 1 && count <= ACTIONS_MAX) return;
  throw validation(
    `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length between 1 and ${ACTIONS_MAX}, and has ${count}`,
  );
}

function requireDistinctItems(writes: readonly Write[], judged: readonly Judged[]): void {
  const seen = new Set<string>();
  writes.forEach((write, index) => {
    const key = validKey(write, judged[index]);
    const text = key && write.table.keyText(key);
    if (text !== undefined && seen.has(text)) {
      throw validation('Transaction request cannot include multiple operations on one item');
    }
    if (text !== undefined) seen.add(text);
  });
}

/** A write that failed its condition has a key too; one whose key is wrong collides with nothing. */
function validKey(write: Write, judged: Judged | undefined): Item | undefined {
  if (judged && 'outcome' in judged) return judged.outcome.key;
  try {
    return write.key();
  } catch {
    return undefined;
  }
}

function cancelled(reasons: readonly Reason[]): AwsError {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new AwsError('TransactionCanceledException', message, { fields: { CancellationReasons: reasons } });
}

interface Tokens {
  /** Whether this very request has succeeded under the token. @throws AwsError `IdempotentParameterMismatchException` */
  isRepeat(token: string, input: DynamoDbApi.TransactWriteItemsCommandInput): boolean;
  remember(token: string, input: DynamoDbApi.TransactWriteItemsCommandInput): void;
}

function createTokens(clock: Clock): Tokens {
  const remembered = new Map<string, { request: string; atMs: number }>();
  const forgetOld = (): void => {
    for (const [token, { atMs }] of remembered) {
      if (clock.now() - atMs <= TOKEN_LIFE_MS) return;
      remembered.delete(token);
    }
  };
  return {
    isRepeat: (token, input) => {
      forgetOld();
      const known = remembered.get(token);
      if (!known) return false;
      if (known.request === requestText(input)) return true;
      throw new AwsError(
        'IdempotentParameterMismatchException',
        'Transaction request with this ClientRequestToken has other parameters than an earlier one',
      );
    },
    remember: (token, input) => {
      remembered.set(token, { request: requestText(input), atMs: clock.now() });
    },
  };
}

/** A text that two requests share if they ask for the same, whatever the order of their members. */
function requestText({ TransactItems = [] }: DynamoDbApi.TransactWriteItemsCommandInput): string {
  return TransactItems.map((action) => stableText(action)).join('\n');
}

function stableText(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${stableText(member)}`)
    .join(',')}}`;
}

const validation = (message: string): AwsError => new AwsError('ValidationException', message);
