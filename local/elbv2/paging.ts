/** Pages of Describe answers: the marker is the position of the next item. */
import { AwsError } from '../wire/aws-error.ts';

const PAGE_SIZE_MAX = 400;

/** @throws AwsError ValidationError for a marker that no answer gave */
export function page<Item>(
  items: readonly Item[],
  { Marker, PageSize = PAGE_SIZE_MAX }: { Marker?: string; PageSize?: number },
): { items: Item[]; NextMarker?: string } {
  const start = Marker === undefined ? 0 : Number(Marker);
  if (!Number.isInteger(start) || start < 0 || start > items.length)
    throw new AwsError('ValidationError', `Invalid marker '${Marker}'`);
  const end = start + PageSize;
  return { items: items.slice(start, end), NextMarker: end < items.length ? String(end) : undefined };
}
