/** Whether what ECR has under a digest is an image that a service can run, and old enough for automation to deploy it. */

/** What ECR says of an image. */
export interface ImageFacts {
  readonly digest: string;
  readonly pushedAtMs: number;
  /** Of the manifest, as ECR spells it. */
  readonly mediaType?: string;
  /** Of what the manifest describes: of a container image its configuration's. */
  readonly artifactMediaType?: string;
  /** Of a referrer (signature, SBOM, attestation): the digest of what it is about. */
  readonly subjectDigest?: string;
  /** `ACTIVE`, unless it is archived or about to be restored. */
  readonly status?: string;
}

export type ImageVerdict =
  | { readonly qualifies: true }
  | { readonly qualifies: false; readonly reason: string };

/** Lists of the images of several architectures. */
const INDEX_TYPES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const MANIFEST_TYPES: readonly string[] = [
  ...INDEX_TYPES,
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
];
const CONTAINER_TYPES: readonly string[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];

export function isIndex({ mediaType = '' }: Pick<ImageFacts, 'mediaType'>): boolean {
  return INDEX_TYPES.includes(mediaType);
}

/** Signatures, charts and other artifacts are pushed like images, and are none. */
export function judgeImage(image: ImageFacts): ImageVerdict {
  const { digest, mediaType, artifactMediaType, subjectDigest, status = 'ACTIVE' } = image;
  const no = (reason: string): ImageVerdict => ({ qualifies: false, reason: `${digest} ${reason}` });
  if (subjectDigest !== undefined) return no(`is about ${subjectDigest}, and no image itself`);
  if (mediaType !== undefined && !MANIFEST_TYPES.includes(mediaType))
    return no(`is no image but ${mediaType}`);
  if (artifactMediaType !== undefined && !CONTAINER_TYPES.includes(artifactMediaType))
    return no(`is no image but ${artifactMediaType}`);
  if (status !== 'ACTIVE') return no(`is ${status} in ECR; restore it before it can be pulled`);
  return { qualifies: true };
}

/** Age counts from the arrival in ECR, which a new tag does not renew. */
export function judgeAge(
  { digest, pushedAtMs }: Pick<ImageFacts, 'digest' | 'pushedAtMs'>,
  minimumAgeSeconds: number,
  nowMs: number,
): ImageVerdict {
  const oldEnoughAtMs = pushedAtMs + minimumAgeSeconds * 1000;
  if (nowMs >= oldEnoughAtMs) return { qualifies: true };
  const from = new Date(oldEnoughAtMs).toISOString();
  return { qualifies: false, reason: `${digest} is too young: it is old enough from ${from}` };
}
