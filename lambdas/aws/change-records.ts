/** DynamoDB Streams: a batch of records as Lambda is given it, as changes of plain items. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Change } from '../decisions/transitions.ts';

type Image = Record<string, AttributeValue>;

interface StreamRecord {
  readonly dynamodb?: {
    /** Seconds since the epoch. */
    readonly ApproximateCreationDateTime?: number;
    readonly Keys?: Image;
    readonly NewImage?: Image;
    readonly OldImage?: Image;
    readonly SequenceNumber?: string;
  };
}

/** The changes in the order of the stream; undefined if the event is no batch of a stream. */
export function changesIn(event: unknown): Change[] | undefined {
  const { Records } = (event ?? {}) as { Records?: readonly StreamRecord[] };
  return Array.isArray(Records) ? Records.map(changeIn) : undefined;
}

function changeIn({ dynamodb = {} }: StreamRecord): Change {
  const { Keys = {}, NewImage, OldImage, SequenceNumber = '', ApproximateCreationDateTime = 0 } = dynamodb;
  const { pk = '', sk = '' } = unmarshall(Keys) as { pk?: string; sk?: string };
  return {
    pk,
    sk,
    ...(OldImage && { before: unmarshall(OldImage) }),
    ...(NewImage && { after: unmarshall(NewImage) }),
    sequence: SequenceNumber,
    atMs: ApproximateCreationDateTime * 1000,
  };
}
