/** One complete deployment from a request: everything that is looked up before anything of it is written. */
import { createHash } from 'node:crypto';
import type { Ecr } from '../aws/ecr.ts';
import type { DescribedTaskDefinition, Ecs } from '../aws/ecs.ts';
import type { Elbv2 } from '../aws/elbv2.ts';
import type { DeployedImage, Deployment, PushOrder } from '../common/deployment.ts';
import type { ServiceConfiguration } from '../common/service.ts';
import { deadlineOf } from '../decisions/deadline.ts';
import { newestVersion, versionUnder } from '../decisions/tags.ts';
import { trafficStepsOf } from '../decisions/traffic-steps.ts';
import { describeBase, describeNamedBase, imageOfNamedBase, keptImagesOf } from './base.ts';
import { imageOfFleet, requestedFleet } from './fleet.ts';
import {
  type Asked,
  deployedImage,
  describeRequestedImages,
  imagesByContainer,
  type RequestedImage,
} from './requested-image.ts';
import { resolveSides } from './sides.ts';

/** The execution that works on it, and when that was started (ISO 8601). */
export interface Started {
  readonly executionArn: string;
  readonly startedAt: string;
}

/** What can be said of a deployment whatever its sides are like. */
export interface Candidate {
  readonly deploymentId: string;
  readonly digest: string;
  readonly order: PushOrder;
  readonly image: DeployedImage;
  /** Container → image, of all that are moved; empty if the traffic goes back to a fleet. */
  readonly images: Readonly<Record<string, DeployedImage>>;
  /** The task definition that a person has named. */
  readonly namedBase?: DescribedTaskDefinition;
}

/** @throws PushNotQualified, ImageNotForThisService, ImageNotFound, TaskDefinitionNotFound, BadInput */
export async function describeCandidate(
  request: Asked,
  configuration: ServiceConfiguration,
  { executionArn, startedAt }: Started,
  { ecr, ecs, now }: { readonly ecr: Ecr; readonly ecs: Ecs; readonly now: () => number },
): Promise<Candidate> {
  const startedAtMs = Date.parse(startedAt);
  const deploymentId = deploymentIdOf(configuration.name, executionArn, startedAt);
  const fleet = requestedFleet(request, configuration);
  if (fleet !== undefined) {
    const image = imageOfFleet(fleet);
    const order = { pushedAtMs: startedAtMs, imagePushedAtMs: startedAtMs, digest: image.digest };
    return { deploymentId, digest: image.digest, order, image, images: {} };
  }
  const namedBase = await describeNamedBase(request, ecs);
  const requested = await describeRequestedImages(
    withImageOf(namedBase, request, configuration),
    configuration,
    { ecr, now, ownAccount: executionArn.split(':')[4] ?? '' },
  );
  const [first] = requested;
  return {
    deploymentId,
    digest: first.digest,
    order: orderOf(first, configuration, request, startedAtMs),
    image: deployedImage(first, executionArn),
    images: imagesByContainer(requested, executionArn),
    namedBase,
  };
}

/** An exact tag was read just now: what it points to is as new as that. What a schedule finds is as new as its image. */
function orderOf(
  { source, tag, tags, digest, pushedAtMs: imagePushedAtMs }: RequestedImage,
  { image }: ServiceConfiguration,
  request: Asked,
  startedAtMs: number,
): PushOrder {
  const isExact = 'exact' in source.tags;
  const toldAtMs = request.kind === 'push' ? request.push.pushedAtMs : imagePushedAtMs;
  const version = versionUnder(source.tags, tag) ?? newestVersion(source.tags, tags);
  return {
    ...(version !== undefined && { version }),
    ...(source.repository !== image.repository && { sidecar: source.repository }),
    pushedAtMs: isExact || request.kind === 'person' ? startedAtMs : toldAtMs,
    imagePushedAtMs,
    digest,
  };
}

function withImageOf(
  namedBase: DescribedTaskDefinition | undefined,
  request: Asked,
  configuration: ServiceConfiguration,
): Asked {
  const isImageless = request.kind === 'person' && request.asked.text === '' && !request.sidecars;
  if (!namedBase || !isImageless) return request;
  return { ...request, asked: imageOfNamedBase(namedBase, configuration) };
}

/** @throws what {@link resolveSides} does, TaskDefinitionNotFound */
export async function draftDeployment(
  request: Asked,
  configuration: ServiceConfiguration,
  { deploymentId, order, image, images, namedBase }: Candidate,
  { executionArn, startedAt }: Started,
  ports: { readonly ecs: Ecs; readonly elbv2: Elbv2 },
): Promise<Deployment> {
  const { stickinessSeconds, ...sides } = await resolveSides(configuration, ports);
  const base = namedBase ?? (await describeBase(configuration, sides, ports.ecs));
  const keptImages = namedBase ? {} : await keptImagesOf(configuration, images, sides.blue, base, ports.ecs);
  const stickySeconds = Math.min(stickinessSeconds, configuration.drainStickySeconds);
  const settleSeconds = Math.max(configuration.propagationSeconds, stickySeconds);
  const { blueServes } = sides;
  const startedAtMs = Date.parse(startedAt);
  const outerMs = request.kind === 'person' ? request.startedAtMs : undefined;
  return {
    deploymentId,
    service: configuration.name,
    startedBy: { kind: request.kind, executionArn, input: request.input },
    startedAtMs,
    deadlineMs: deadlineOf(configuration, outerMs ?? startedAtMs),
    configuration,
    image,
    images,
    keptImages,
    order,
    ...sides,
    baseTaskDefinitionArn: base?.taskDefinition.taskDefinitionArn ?? '',
    settleSeconds,
    trafficSteps: trafficStepsOf(configuration, { settleSeconds, blueServes }),
    stages: {},
    signals: {},
  };
}

/** The same execution always makes the same id, so that a repeated step finds its own record. */
export function deploymentIdOf(service: string, executionArn: string, startedAt: string): string {
  const time = startedAt.replace(/\.\d+/, '').replace(/[-:]/g, '').toLowerCase();
  return `${service}-${time}-${createHash('sha256').update(executionArn).digest('hex').slice(0, 6)}`;
}
