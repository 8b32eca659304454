/** The tags that mark what is in use, so that no lifecycle policy expires it: what they are called, and what gets them. */
import type { DeployedImage } from '../common/deployment.ts';

/** An image by where it is. */
export interface PlacedImage {
  readonly registryId: string;
  readonly repository: string;
  readonly digest: string;
}

/** A tag that an image is to have. */
export interface KeepTag {
  readonly image: PlacedImage;
  readonly tag: string;
}

interface Good {
  readonly image: DeployedImage;
  readonly images?: Readonly<Record<string, DeployedImage>>;
}

/** `in-use.serves.orders`, `in-use.served.orders`: of the service whose it is, because services may share a repository. */
const KEEP_TAG = /\.(serves|served)\.[a-z][a-z0-9-]*$/;

/** Whether a tag is one of these, whoever gave it: to set one is a push like any other, and must deploy nothing. */
export const isKeepTag = (tag: string): boolean => KEEP_TAG.test(tag);

/**
 * @param now what serves
 * @param before what served until then; left as it is if that is not known, or was the same
 */
export function keepTagsFor(
  service: string,
  keepTag: string,
  now: Good,
  before: Good | undefined,
): KeepTag[] {
  const serving = placed(now);
  const tags = serving.map((image) => ({ image, tag: `${keepTag}.serves.${service}` }));
  const served = before ? placed(before) : [];
  const replaced = served.filter((image) => !serving.some(({ digest }) => digest === image.digest));
  return [...tags, ...replaced.map((image) => ({ image, tag: `${keepTag}.served.${service}` }))];
}

/** One image of each repository: a tag names one only. */
function placed({ image, images = {} }: Good): PlacedImage[] {
  const found = new Map<string, PlacedImage>();
  for (const { uri } of [image, ...Object.values(images)]) {
    const place = placeOf(uri);
    const key = place && `${place.registryId}/${place.repository}`;
    if (key !== undefined && !found.has(key)) found.set(key, place as PlacedImage);
  }
  return [...found.values()];
}

/** `123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/orders@sha256:…`; a fleet has no image. */
function placeOf(uri: string): PlacedImage | undefined {
  const [, registryId = '', repository = '', digest = ''] =
    /^(\d{12})\.[^/]*\/([^@]+)@(sha256:[0-9a-f]{64})$/.exec(uri) ?? [];
  return registryId === '' ? undefined : { registryId, repository, digest };
}
