/** Which image a request means: its digest is read from ECR now, never believed from an event. */
import type { DescribedImage, Ecr } from '../aws/ecr.ts';
import type { DeployedImage } from '../common/deployment.ts';
import { ImageNotForThisService } from '../common/errors.ts';
import type { Request } from '../common/request.ts';
import type { ServiceConfiguration } from '../common/service.ts';

/** A request to deploy, as opposed to one to recover. */
export type Asked = Exclude<Request, { kind: 'recover' }>;

export type RequestedImage = DescribedImage & { readonly tag?: string };

/** An exact tag is what it points to now, whatever was pushed. @throws ImageNotForThisService, ImageNotFound */
export async function describeRequestedImage(
  request: Asked,
  { image }: ServiceConfiguration,
  ecr: Ecr,
): Promise<RequestedImage> {
  const { repository, registryId } = image;
  if (request.kind === 'push') {
    const { digest, tag } = request.push;
    const wanted = 'exact' in image.tags ? { tag: image.tags.exact } : { digest };
    return { ...(await ecr.describeImage(repository, wanted, registryId)), tag };
  }
  const { asked, service } = request;
  if (asked.repository !== undefined && asked.repository !== repository) {
    throw new ImageNotForThisService(
      `image ${asked.text} is of repository ${asked.repository}; ${service} takes images of ${repository}`,
    );
  }
  if (asked.digest) {
    return { ...(await ecr.describeImage(repository, { digest: asked.digest }, registryId)), tag: asked.tag };
  }
  const tag = asked.tag ?? ('exact' in image.tags ? image.tags.exact : undefined);
  if (!tag) {
    throw new ImageNotForThisService(
      `which image? ${service} follows tags that match a glob; give image, tag or digest, as in {"service": "${service}", "tag": "v2"}`,
    );
  }
  return { ...(await ecr.describeImage(repository, { tag }, registryId)), tag };
}

/** An ECR image URI lives in the registry's account and, like everything of a service, in the stack's Region. */
export function deployedImage(
  described: RequestedImage,
  { image }: ServiceConfiguration,
  executionArn: string,
): DeployedImage {
  const [, partition = 'aws', , region = '', account = ''] = executionArn.split(':');
  const registry = described.registryId || image.registryId || account;
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const uri = `${registry}.dkr.ecr.${region}.${domain}/${image.repository}@${described.digest}`;
  return { uri, digest: described.digest, tag: described.tag };
}
