/** Scans: asked for by each push or by a call, and over after a while with what the image's annotation says. */
import { localArn } from '../arns.ts';
import { pageOf } from '../page.ts';
import { LOCAL_ACCOUNT, type Platform } from '../platform.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { EcrApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';
import { findImage, invalidToken, pageSize } from './images.ts';
import { isIndexManifest, type Manifest } from './manifest.ts';
import type { Repository } from './repository.ts';

/** How long a scan takes unless the image says otherwise. */
const SCAN_MS = 5_000;

/** Where a scan stands: its findings are there when it has ended well. */
export interface Scan {
  status: 'IN_PROGRESS' | 'COMPLETE' | 'FAILED';
  completedAtMs?: number;
  counts: Readonly<Record<string, number>>;
}

type Named = (input: { repositoryName?: string | undefined; registryId?: string | undefined }) => Repository;

export function scanOperations(platform: Platform, named: Named): Operations<typeof EcrApi> {
  return {
    PutImageScanningConfiguration: (input) => {
      const repository = named(input);
      const { scanOnPush = false } = input.imageScanningConfiguration ?? {};
      repository.description.imageScanningConfiguration = { scanOnPush };
      return {
        registryId: LOCAL_ACCOUNT,
        repositoryName: repository.name,
        imageScanningConfiguration: { scanOnPush },
      };
    },
    StartImageScan: (input) => {
      const repository = named(input);
      const { manifest } = findImage(repository, input.imageId ?? {});
      if (isIndexManifest(manifest)) {
        throw new AwsError(
          'UnsupportedImageTypeException',
          `The image '${manifest.digest}' is of a type that cannot be scanned: ${manifest.mediaType}`,
        );
      }
      beginScan(platform, repository, manifest);
      return answerOf(repository, manifest, { imageScanStatus: { status: 'IN_PROGRESS' } });
    },
    DescribeImageScanFindings: (input) => {
      const repository = named(input);
      const { manifest } = findImage(repository, input.imageId ?? {});
      const scan = repository.scans.get(manifest.digest);
      if (!scan) {
        throw new AwsError(
          'ScanNotFoundException',
          `Image scan does not exist for the image with '{imageDigest:'${manifest.digest}'}' in the repository with name '${repository.name}' in the registry with id '${LOCAL_ACCOUNT}'`,
        );
      }
      const page = pageOf(findingsOf(scan), pageSize(input.maxResults), input.nextToken, invalidToken);
      return {
        ...answerOf(repository, manifest, statusOf(scan)),
        ...(scan.status === 'COMPLETE' && {
          imageScanFindings: {
            imageScanCompletedAt: new Date(scan.completedAtMs ?? 0),
            findingSeverityCounts: scan.counts,
            findings: page.elements,
          },
        }),
        nextToken: page.nextToken,
      };
    },
  };
}

/** A repository that scans on push scans each image once; a list of images is none. */
export function scanPushed(platform: Platform, repository: Repository, manifest: Manifest): void {
  const { scanOnPush } = repository.description.imageScanningConfiguration ?? {};
  if (scanOnPush && !isIndexManifest(manifest) && !repository.scans.has(manifest.digest))
    beginScan(platform, repository, manifest);
}

function beginScan(platform: Platform, repository: Repository, manifest: Manifest): void {
  const { seconds, status = 'COMPLETE', findings = {} } = manifest.scan;
  const scan: Scan = { status: 'IN_PROGRESS', counts: {} };
  repository.scans.set(manifest.digest, scan);
  platform.clock.setTimer(seconds === undefined ? SCAN_MS : seconds * 1000, () => {
    if (repository.scans.get(manifest.digest) !== scan) return;
    repository.scans.set(manifest.digest, {
      status,
      completedAtMs: platform.clock.now(),
      counts: status === 'COMPLETE' ? findings : {},
    });
    announce(platform, repository, manifest);
  });
}

function announce(platform: Platform, repository: Repository, { digest }: Manifest): void {
  const { status, counts = {} } = repository.scans.get(digest) ?? {};
  platform.emit({
    source: 'aws.ecr',
    detailType: 'ECR Image Scan',
    resources: [localArn('ecr', `repository/${repository.name}`)],
    detail: {
      'scan-status': status,
      'repository-name': repository.name,
      'finding-severity-counts': counts,
      'image-digest': digest,
      'image-tags': repository.tagsOf(digest),
    },
  });
}

const answerOf = <Rest extends object>(repository: Repository, { digest }: Manifest, rest: Rest) => ({
  registryId: LOCAL_ACCOUNT,
  repositoryName: repository.name,
  imageId: { imageDigest: digest },
  ...rest,
});

function statusOf({ status }: Scan) {
  const description = {
    IN_PROGRESS: 'The scan is in progress.',
    COMPLETE: 'The scan was completed successfully.',
    FAILED: 'The scan failed.',
  }[status];
  return { imageScanStatus: { status, description } };
}

function findingsOf({ counts }: Scan): EcrApi.ImageScanFinding[] {
  return Object.entries(counts).flatMap(([severity, count]) =>
    Array.from({ length: count }, (_, index) => ({
      name: `LOCAL-${severity}-${index + 1}`,
      severity: severity as EcrApi.FindingSeverity,
    })),
  );
}
