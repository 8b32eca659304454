/** DynamoDB Streams: what changed in a table, handed on in order to those who follow it. */
import { localArn } from '../arns.ts';
import type { Platform } from '../platform.ts';
import { LOCAL_REGION } from '../platform.ts';
import type { ChangeRecord, ChangeStreams } from '../simulators.ts';
import { notImplemented } from '../unsupported.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { DynamoDbApi } from '../wire/models.ts';
import { type AttributeValue, type Item, isEqual, itemSize } from './attribute-value.ts';

/** What a table tells its stream of each write that changed an item. */
export interface Change {
  readonly keys: Item;
  readonly old: Item | undefined;
  readonly next: Item | undefined;
  /** Whether the item's time to live was over. */
  readonly isExpiry: boolean;
}

export interface TableStream {
  readonly arn: string;
  /** ISO time of its beginning: the last part of the ARN. */
  readonly label: string;
  readonly viewType: string;
  add(change: Change): void;
}

type Follower = (record: ChangeRecord) => void;

/** Every record has followers or is gone: nothing is kept for those who come later. */
export interface Streams extends ChangeStreams {
  create(tableName: string, specification: DynamoDbApi.StreamSpecification): TableStream;
}

const FIRST_SEQUENCE = 111_000_000_000_000n;

export function createStreams(platform: Pick<Platform, 'clock' | 'random'>): Streams {
  const followers = new Map<string, Set<Follower>>();
  const random = platform.random.fork('dynamodb streams');
  let sequence = FIRST_SEQUENCE;

  const tell = (arn: string, viewType: string, change: Change): void => {
    const following = followers.get(arn);
    if (!following?.size) return;
    sequence += 1n;
    const record = recordOf(change, {
      arn,
      viewType,
      sequence: `${sequence}`.padStart(25, '0'),
      id: random.uuid().replaceAll('-', ''),
      atMs: platform.clock.now(),
    });
    for (const follow of following) follow(record);
  };

  return {
    create(tableName, { StreamViewType: viewType }) {
      if (viewType !== 'NEW_AND_OLD_IMAGES') throw notImplemented(`a stream of ${viewType}`);
      const label = new Date(platform.clock.now()).toISOString().replace('Z', '');
      const arn = localArn('dynamodb', `table/${tableName}/stream/${label}`);
      followers.set(arn, new Set());
      return { arn, label, viewType, add: (change) => hasChanged(change) && tell(arn, viewType, change) };
    },
    follow(streamArn, follow) {
      const following = followers.get(streamArn);
      if (!following) {
        throw new AwsError(
          'ResourceNotFoundException',
          `Requested resource not found: Stream: ${streamArn} not found`,
        );
      }
      following.add(follow);
      return () => following.delete(follow);
    },
  };
}

/** A write that leaves an item as it was makes no record. */
function hasChanged({ old, next }: Change): boolean {
  if (!old || !next) return old !== next;
  const names = Object.keys(next);
  if (names.length !== Object.keys(old).length) return true;
  return names.some((name) => {
    const [was, is] = [old[name], next[name]];
    return was !== is && !(was && is && isEqual(was, is));
  });
}

function recordOf(
  { keys, old, next, isExpiry }: Change,
  told: { arn: string; viewType: string; sequence: string; id: string; atMs: number },
): ChangeRecord {
  const images = [keys, old, next].filter((item) => item !== undefined);
  const dynamodb = {
    ApproximateCreationDateTime: Math.floor(told.atMs / 1000),
    Keys: asJson(keys),
    SequenceNumber: told.sequence,
    SizeBytes: 0,
    StreamViewType: told.viewType,
  };
  // Items are large, and most records are filtered out by their keys.
  define(dynamodb, 'SizeBytes', () => images.reduce((bytes, item) => bytes + itemSize(item), 0));
  if (next) define(dynamodb, 'NewImage', () => asJson(next));
  if (old) define(dynamodb, 'OldImage', () => asJson(old));
  return {
    eventID: told.id,
    eventName: old ? (next ? 'MODIFY' : 'REMOVE') : 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: LOCAL_REGION,
    dynamodb,
    eventSourceARN: told.arn,
    ...(isExpiry && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
  };
}

/** A member that is made when it is first asked for. */
function define(record: object, name: string, make: () => unknown): void {
  const get = (): unknown => {
    const value = make();
    Object.defineProperty(record, name, { value, enumerable: true });
    return value;
  };
  Object.defineProperty(record, name, { get, enumerable: true, configurable: true });
}

/** An item as Lambda is given it: binaries as Base64. */
function asJson(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueAsJson(value)]));
}

function valueAsJson(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.M !== undefined) return { M: asJson(value.M) };
  if (value.L !== undefined) return { L: value.L.map(valueAsJson) };
  return value;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
