/** What ECR reads from a manifest, and what the local cloud reads from its annotations. */
import { createHash } from 'node:crypto';
import {
  COMMAND_ANNOTATION,
  ENVIRONMENT_ANNOTATION,
  type LocalImage,
  SCAN_ANNOTATION,
  SIGNING_ANNOTATION,
} from '../simulators.ts';
import { AwsError } from '../wire/aws-error.ts';

export interface Manifest {
  digest: string;
  text: string;
  mediaType: string;
  artifactMediaType: string | undefined;
  sizeInBytes: number;
  /** Of a list for several architectures: its images. */
  members: readonly { digest: string; platform: string }[];
  /** Of a referrer: the digest of what it is about. */
  subjectDigest: string | undefined;
  /** How its scan ends, and its signatures. */
  scan: LocalScan;
  signing: 'COMPLETE' | 'FAILED' | 'IN_PROGRESS';
  /** The local command and environment that the image stands for; the command is empty if it has no annotation. */
  local: Omit<LocalImage, 'digest'>;
}

export interface LocalScan {
  readonly seconds?: number;
  readonly status?: 'COMPLETE' | 'FAILED';
  readonly findings?: Readonly<Record<string, number>>;
}

interface ManifestDocument {
  mediaType?: string;
  artifactType?: string;
  config?: { mediaType?: string; size?: number };
  layers?: { size?: number }[];
  manifests?: { digest?: string; size?: number; platform?: { os?: string; architecture?: string } }[];
  subject?: { digest?: string };
  annotations?: Record<string, string>;
}

const INDEX_TYPES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** A list of the images of several architectures. */
export const isIndexManifest = ({ mediaType }: Pick<Manifest, 'mediaType'>): boolean =>
  INDEX_TYPES.includes(mediaType);

const DOCKER_MEDIA_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

/** @throws AwsError `InvalidParameterException` if it is no manifest, or its local annotations are not what they must be. */
export function readManifest(text: string, mediaType: string | undefined): Manifest {
  const document = parsed(text);
  const { config, layers = [], manifests = [], annotations = {} } = document;
  return {
    digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
    text,
    mediaType: mediaType ?? document.mediaType ?? DOCKER_MEDIA_TYPE,
    artifactMediaType: document.artifactType ?? config?.mediaType,
    sizeInBytes: [config, ...layers].reduce((total, part) => total + (part?.size ?? 0), 0),
    members: manifests.map(({ digest = '', platform = {} }) => ({
      digest,
      platform: `${platform.os ?? 'unknown'}/${platform.architecture ?? 'unknown'}`,
    })),
    subjectDigest: document.subject?.digest,
    scan: annotation(annotations, SCAN_ANNOTATION, isScan, {}),
    signing: signingIn(annotations),
    local: {
      command: annotation(annotations, COMMAND_ANNOTATION, isStrings, []),
      environment: annotation(annotations, ENVIRONMENT_ANNOTATION, isStringRecord, {}),
    },
  };
}

function parsed(text: string): ManifestDocument {
  const document = jsonIn(text);
  if (typeof document === 'object' && document !== null && 'schemaVersion' in document)
    return document as ManifestDocument;
  throw invalid(
    "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax' or no schemaVersion",
  );
}

function annotation<Value>(
  annotations: Record<string, string>,
  name: string,
  isValid: (value: unknown) => value is Value,
  absent: Value,
): Value {
  const text = annotations[name];
  if (text === undefined) return absent;
  const value = jsonIn(text);
  if (isValid(value)) return value;
  throw invalid(
    `annotation ${name} is ${text}; it must be a JSON ${Array.isArray(absent) ? 'array' : 'object'} of strings`,
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isScan = (value: unknown): value is LocalScan =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(([key, one]) =>
    key === 'seconds' ? typeof one === 'number' : ['status', 'findings'].includes(key),
  );

function signingIn({
  [SIGNING_ANNOTATION]: found = 'COMPLETE',
}: Record<string, string>): Manifest['signing'] {
  if (found === 'COMPLETE' || found === 'FAILED' || found === 'IN_PROGRESS') return found;
  throw invalid(`annotation ${SIGNING_ANNOTATION} is ${found}; it must be COMPLETE, FAILED or IN_PROGRESS`);
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const isStringRecord = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && isStrings(Object.values(value));

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);
