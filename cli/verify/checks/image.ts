/** The image that would be deployed: it is in ECR, for the platform on which it has to run. */
import type { TaskDefinition } from '../../../lambdas/aws/ecs.ts';
import { valueIn } from '../fact.ts';
import type { ImageFacts, Platform, ServiceFacts } from '../facts.ts';
import { type Finding, judged, ng, ok, skip } from '../finding.ts';

export function judgeImages({ images, base }: Pick<ServiceFacts, 'images' | 'base'>): Finding[] {
  const wanted = platformOf(valueIn(base) ?? {});
  return images.flatMap((facts) => judgeImage(facts, wanted));
}

function judgeImage({ image, wanted, platforms }: ImageFacts, platform: Platform | undefined): Finding[] {
  const todo = 'push one, or correct image in sidestep.yaml';
  return judged(image, { what: wanted, todo }, ({ digest, tag }) => [
    ok(`${wanted}: ${tag} is ${digest}`),
    ...judgePlatform(digest, platforms, platform),
  ]);
}

function judgePlatform(
  digest: string,
  platforms: ImageFacts['platforms'],
  wanted: Platform | undefined,
): Finding[] {
  if (!wanted) return [skip('platform: the task definition names none; the container instance decides')];
  const todo = `build it for ${spell(wanted)}, or correct runtimePlatform in the task definition`;
  return judged(platforms, { what: 'platform', todo }, (found) => {
    const isThere = found.some(
      ({ architecture, os }) => architecture === wanted.architecture && os === wanted.os,
    );
    return isThere
      ? [ok(`platform: ${spell(wanted)}, as the task definition asks`)]
      : [
          ng(
            `platform: ${digest} is for ${found.map(spell).join(', ') || 'none'}, the task definition asks for ${spell(wanted)}`,
            todo,
          ),
        ];
  });
}

const spell = ({ os, architecture }: Platform): string => `${os}/${architecture}`;

const ARCHITECTURES: Readonly<Record<string, string>> = { X86_64: 'amd64', ARM64: 'arm64' };

/** What a definition asks for, in the words of image indexes. Only Fargate has a platform where none is named. */
export function platformOf({
  runtimePlatform,
  requiresCompatibilities = [],
}: Pick<TaskDefinition, 'runtimePlatform' | 'requiresCompatibilities'>): Platform | undefined {
  const { cpuArchitecture, operatingSystemFamily } = runtimePlatform ?? {};
  if (!cpuArchitecture && !operatingSystemFamily && !requiresCompatibilities.includes('FARGATE'))
    return undefined;
  const architecture = cpuArchitecture ?? 'X86_64';
  return {
    architecture: ARCHITECTURES[architecture] ?? architecture.toLowerCase(),
    os: /^WINDOWS/.test(operatingSystemFamily ?? '') ? 'windows' : 'linux',
  };
}

interface ManifestDocument {
  readonly manifests?: readonly {
    readonly platform?: { readonly architecture?: string; readonly os?: string };
  }[];
}

/**
 * The platforms of an image index; attestations in it have none.
 * @returns undefined for a manifest of one image, which does not say
 */
export function platformsIn(manifest: string): Platform[] | undefined {
  const { manifests } = JSON.parse(manifest) as ManifestDocument;
  return manifests?.flatMap(({ platform: { architecture = 'unknown', os = 'unknown' } = {} }) =>
    architecture === 'unknown' ? [] : [{ architecture, os }],
  );
}
