/** Which images of a list of several architectures a service may run: the others need not have passed anything. */

/** As OCI names them: `linux`, `amd64`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

export interface IndexedManifest {
  readonly digest: string;
  /** `linux/amd64` */
  readonly platform: string;
}

interface IndexDocument {
  readonly manifests?: readonly {
    readonly digest?: string;
    readonly platform?: { readonly os?: string; readonly architecture?: string };
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
}

const ARCHITECTURES: Readonly<Record<string, string>> = { X86_64: 'amd64', ARM64: 'arm64' };

interface Definition {
  readonly runtimePlatform?: { readonly cpuArchitecture?: string; readonly operatingSystemFamily?: string };
  readonly requiresCompatibilities?: readonly string[];
}

/**
 * What a task definition runs on. Fargate runs on X86_64 and Linux unless it says otherwise; on EC2 that is up to the
 * instances: undefined for all.
 */
export function platformOf({
  runtimePlatform,
  requiresCompatibilities = [],
}: Definition): Platform | undefined {
  const { cpuArchitecture, operatingSystemFamily } = runtimePlatform ?? {};
  if (cpuArchitecture === undefined && !requiresCompatibilities.includes('FARGATE')) return undefined;
  const { [cpuArchitecture ?? 'X86_64']: architecture = cpuArchitecture ?? '' } = ARCHITECTURES;
  return { os: operatingSystemFamily?.startsWith('WINDOWS') ? 'windows' : 'linux', architecture };
}

/** @param text the list's manifest. @returns nothing if it has no image for the platform, or cannot be read */
export function runnableManifests(text: string, platform: Platform | undefined): IndexedManifest[] {
  return manifestsIn(text).flatMap(({ digest, platform: of = {}, annotations = {} }) => {
    const { os = 'unknown', architecture = 'unknown' } = of;
    // Builds put their attestations into the list, as manifests for a platform that there is not.
    const isImage = os !== 'unknown' && !annotations['vnd.docker.reference.type'];
    const fits = !platform || (platform.os === os && platform.architecture === architecture);
    return digest !== undefined && isImage && fits ? [{ digest, platform: `${os}/${architecture}` }] : [];
  });
}

function manifestsIn(text: string): NonNullable<IndexDocument['manifests']> {
  try {
    return (JSON.parse(text) as IndexDocument).manifests ?? [];
  } catch {
    return [];
  }
}
