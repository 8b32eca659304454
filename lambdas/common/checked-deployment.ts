/** What the user's own checks are told of the deployment that they check. */
import type { Deployment } from './deployment.ts';

/** A check function's payload. */
export interface CheckedDeployment {
  readonly deploymentId: string;
  readonly service: string;
  readonly digest: string;
  /** By digest. */
  readonly image: string;
  readonly green: { readonly cluster: string; readonly service: string; readonly targetGroup: string };
  /** Where the test rule takes requests, if there is one, without a path; they need these headers. */
  readonly testUrl?: string;
  readonly testHeaders?: Readonly<Record<string, string>>;
}

export function describeForChecks(deployment: Deployment): CheckedDeployment {
  const { deploymentId, service, image, green, testAddress } = deployment;
  const { cluster, service: ecsService, targetGroup } = green;
  return {
    deploymentId,
    service,
    digest: image.digest,
    image: image.uri,
    green: { cluster, service: ecsService, targetGroup },
    ...(testAddress && { testUrl: testAddress.url, testHeaders: testAddress.headers }),
  };
}

/** The same for a check task, as the environment of each of its containers. */
export function environmentFor(checked: CheckedDeployment): { name: string; value: string }[] {
  const { deploymentId, service, digest, image, testUrl, testHeaders } = checked;
  const pairs = {
    SIDESTEP_DEPLOYMENT: deploymentId,
    SIDESTEP_SERVICE: service,
    SIDESTEP_DIGEST: digest,
    SIDESTEP_IMAGE: image,
    ...(testUrl && { SIDESTEP_TEST_URL: testUrl, SIDESTEP_TEST_HEADERS: JSON.stringify(testHeaders) }),
  };
  return Object.entries(pairs).map(([name, value]) => ({ name, value }));
}
