/** Which images a service takes, and what they must have passed, as a CDK user says it. */
import type { Duration } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';

/** Which pushed tags deploy: give exactly one of them. */
export interface TagProps {
  /** Deploys pushes of versions in this range, such as `>=1.0.0`; prereleases only if it names one. */
  readonly tagSemver?: string;
  /** Deploys pushes of tags that match this pattern, such as `v*`. */
  readonly tagGlob?: string;
  /** Deploys whatever tag was pushed last. */
  readonly newestTag?: boolean;
  /** Deploys what exactly this tag points to. */
  readonly exactTag?: string;
}

/** Containers whose image comes from another repository. */
export interface SidecarProps extends TagProps {
  readonly repository: IRepository;
  /** The registry's account, if it is not the stack's own. */
  readonly registryId?: string;
  readonly containers: string[];
}

/** What ECR's scan must have found, or rather not found. */
export interface ScanProps {
  /** The worst finding that passes: `INFORMATIONAL`, `LOW`, `MEDIUM`, `HIGH` or `CRITICAL`. */
  readonly atMost: string;
  /** How long the scan is waited for. @default 30 minutes */
  readonly timeout?: Duration;
}

/** That ECR has signed the image. */
export interface SignatureProps {
  /** How long the signatures are waited for. @default 10 minutes */
  readonly timeout?: Duration;
}

export interface ImageProps extends TagProps {
  readonly repository: IRepository;
  /** The registry's account, if it is not the stack's own. */
  readonly registryId?: string;
  /** The container of the task definition that receives the image. */
  readonly container: string;
  /** Further containers that receive the same image. @default none */
  readonly otherContainers?: string[];
  /** What the new revision is made of: `running` or `family-latest`. @default 'running' */
  readonly base?: string;
  /** How long ago an image must have arrived in ECR before automation deploys it. @default 0 seconds */
  readonly minimumAge?: Duration;
  /** @default scans are not looked at */
  readonly scan?: ScanProps;
  /** @default signatures are not looked at */
  readonly signature?: SignatureProps;
  /** The tag that marks what is in use, so that lifecycle policies keep it. @default none */
  readonly keepTag?: string;
  /** @default no other repository feeds the service */
  readonly sidecars?: SidecarProps[];
}
