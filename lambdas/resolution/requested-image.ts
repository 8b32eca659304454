/** Which images a request means: their digests are read from ECR now, never believed from an event. */
import type { DescribedImage, Ecr } from '../aws/ecr.ts';
import type { DeployedImage } from '../common/deployment.ts';
import { ImageNotForThisService, ImageNotFound, PushNotQualified } from '../common/errors.ts';
import type { AskedImage, Request } from '../common/request.ts';
import { type RepositorySource, type ServiceConfiguration, sourcesOf } from '../common/service.ts';
import { judgeAge, judgeImage } from '../decisions/images.ts';
import { judgeFeed, type Push } from '../decisions/pushes.ts';
import { newestOfSource } from './newest-image.ts';

/** A request to deploy, as opposed to one to recover. */
export type Asked = Exclude<Request, { kind: 'recover' }>;

/** An image with the source that it was asked of: the containers that get it. */
export interface RequestedImage extends DescribedImage {
  readonly tag?: string;
  readonly source: RepositorySource;
}

/** The first of them gives the deployment its digest and its place among pushes. */
export type RequestedImages = readonly [RequestedImage, ...RequestedImage[]];

export interface ImagePorts {
  readonly ecr: Ecr;
  readonly now: () => number;
  readonly ownAccount: string;
}

/** @throws PushNotQualified of pushes; ImageNotForThisService, ImageNotFound */
export async function describeRequestedImages(
  request: Asked,
  configuration: ServiceConfiguration,
  ports: ImagePorts,
): Promise<RequestedImages> {
  if (request.kind === 'push') return [await describePush(request.push, configuration, ports)];
  const { asked, sidecars } = wordsOf(request);
  const besides = await describeSidecars(sidecars, configuration, ports.ecr);
  const [first, ...others] = besides;
  // Only sidecars are named: what the main image is stays as it runs.
  if (asked.text === '' && first) return [first, ...others];
  return [await describeMain(asked, configuration, ports), ...besides];
}

function wordsOf(request: Asked): { asked: AskedImage; sidecars: Readonly<Record<string, string>> } {
  const asked = 'asked' in request ? request.asked : { text: '' };
  return { asked, sidecars: ('sidecars' in request && request.sidecars) || {} };
}

/** @throws PushNotQualified: automation deploys what the rules of the service allow, and says why if they do not */
async function describePush(
  push: Push,
  configuration: ServiceConfiguration,
  { ecr, now, ownAccount }: ImagePorts,
): Promise<RequestedImage> {
  const feed = judgeFeed(push, configuration, ownAccount);
  if (!feed.feeds) throw new PushNotQualified(feed.reason);
  const { source } = feed;
  const image = await describeTag(push, source, ecr);
  const verdicts = [judgeImage(image), judgeAge(image, configuration.image.minimumAgeSeconds, now())];
  for (const verdict of verdicts) if (!verdict.qualifies) throw new PushNotQualified(verdict.reason);
  return { ...image, tag: push.tag, source };
}

/** An exact tag is what it points to now, whatever was pushed; any other has to point to what was. @throws PushNotQualified */
async function describeTag(
  { tag, digest }: Push,
  { repository, registryId, tags }: RepositorySource,
  ecr: Ecr,
): Promise<DescribedImage> {
  try {
    const image = await ecr.describeImage(repository, { tag }, registryId);
    if ('exact' in tags || image.digest === digest) return image;
    throw new PushNotQualified(`tag ${tag} points to ${image.digest} now, and no more to ${digest}`);
  } catch (error) {
    if (!(error instanceof ImageNotFound)) throw error;
    throw new PushNotQualified(`tag ${tag} is no more in ECR repository ${repository}`, { cause: error });
  }
}

/** What a person names, or else the newest that the service should have. @throws ImageNotForThisService, ImageNotFound */
async function describeMain(
  asked: AskedImage,
  configuration: ServiceConfiguration,
  ports: ImagePorts,
): Promise<RequestedImage> {
  const { image: source, name } = configuration;
  const { repository, registryId } = source;
  if (asked.repository !== undefined && asked.repository !== repository) {
    throw new ImageNotForThisService(
      `image ${asked.text} is of repository ${asked.repository}; ${name} takes images of ${repository}`,
    );
  }
  if (asked.digest !== undefined || asked.tag !== undefined)
    return describeNamed(asked, source, configuration, ports.ecr);
  if ('exact' in source.tags)
    return describeNamed({ tag: source.tags.exact }, source, configuration, ports.ecr);
  const newest = await newestOfSource(source, configuration, ports);
  if (newest) {
    const image = await ports.ecr.describeImage(repository, { digest: newest.digest }, registryId);
    return { ...image, tag: newest.tag, source };
  }
  const policy = JSON.stringify(source.tags);
  throw new ImageNotForThisService(
    `which image? no image of ${repository} follows ${policy} and is old enough; give image, tag or digest, as in {"service": "${name}", "tag": "v2"}`,
  );
}

/** @throws ImageNotForThisService if it is no image, or a container is no sidecar of the configuration; ImageNotFound */
function describeSidecars(
  sidecars: Readonly<Record<string, string>>,
  configuration: ServiceConfiguration,
  ecr: Ecr,
): Promise<RequestedImage[]> {
  const { name, image } = configuration;
  const described = Object.entries(sidecars).map(([container, word]) => {
    const source = image.sidecars.find(({ containers }) => containers.includes(container));
    const named = word.startsWith('sha256:') ? { digest: word } : { tag: word };
    if (source) return describeNamed(named, source, configuration, ecr);
    const known = image.sidecars.flatMap(({ containers }) => containers).join(', ') || 'none';
    throw new ImageNotForThisService(`'${container}' is no sidecar of ${name}; they are: ${known}`);
  });
  return Promise.all(described);
}

async function describeNamed(
  { digest, tag = '' }: Pick<AskedImage, 'digest' | 'tag'>,
  source: RepositorySource,
  { name }: ServiceConfiguration,
  ecr: Ecr,
): Promise<RequestedImage> {
  const wanted = digest === undefined ? { tag } : { digest };
  const image = await ecr.describeImage(source.repository, wanted, source.registryId);
  const verdict = judgeImage(image);
  if (!verdict.qualifies) throw new ImageNotForThisService(`${name} cannot run it: ${verdict.reason}`);
  return { ...image, tag: tag || undefined, source };
}

/** An ECR image URI lives in the registry's account and, like everything of a service, in the stack's Region. */
export function deployedImage(
  { source, registryId, digest, tag }: RequestedImage,
  executionArn: string,
): DeployedImage {
  const [, partition = 'aws', , region = '', account = ''] = executionArn.split(':');
  const registry = registryId || source.registryId || account;
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const uri = `${registry}.dkr.ecr.${region}.${domain}/${source.repository}@${digest}`;
  return { uri, digest, tag };
}

/** Every container that a deployment moves, with what it gets. @throws ImageNotForThisService if one gets two */
export function imagesByContainer(
  requested: RequestedImages,
  executionArn: string,
): Readonly<Record<string, DeployedImage>> {
  const entries = requested.flatMap((image) =>
    image.source.containers.map((container) => [container, deployedImage(image, executionArn)] as const),
  );
  const images = new Map<string, DeployedImage>();
  for (const [container, image] of entries) {
    const other = images.get(container)?.digest ?? image.digest;
    if (other !== image.digest)
      throw new ImageNotForThisService(`container ${container} cannot get both ${other} and ${image.digest}`);
    images.set(container, image);
  }
  return Object.fromEntries(images);
}

/** The source that gave a deployment its identity. */
export function sourceOfOrder(
  configuration: ServiceConfiguration,
  { sidecar }: { readonly sidecar?: string },
): RepositorySource {
  const found = sourcesOf(configuration).find(({ repository }) => repository === sidecar);
  return found ?? configuration.image;
}
