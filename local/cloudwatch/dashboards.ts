/** Dashboards: kept and given back; nobody draws them here. */
import { localArn } from '../arns.ts';
import type { Platform } from '../platform.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { CloudWatchApi } from '../wire/models.ts';
import type { Operations } from '../wire/operations.ts';

interface Dashboard {
  readonly name: string;
  readonly body: string;
  readonly modifiedAtMs: number;
}

export function dashboardOperations({ clock }: Pick<Platform, 'clock'>): Operations<typeof CloudWatchApi> {
  const dashboards = new Map<string, Dashboard>();
  const named = (name = ''): Dashboard => {
    const found = dashboards.get(name);
    if (!found) throw notFound(name);
    return found;
  };
  return {
    PutDashboard: ({ DashboardName: name = '', DashboardBody: body = '' }) => {
      if (!/^[\w-]{1,255}$/.test(name)) throw invalid(`DashboardName ${JSON.stringify(name)} is not valid`);
      requireWidgets(body);
      dashboards.set(name, { name, body, modifiedAtMs: clock.now() });
      return { DashboardValidationMessages: [] };
    },
    GetDashboard: ({ DashboardName }) => {
      const { name, body } = named(DashboardName);
      return { DashboardName: name, DashboardArn: arnOf(name), DashboardBody: body };
    },
    ListDashboards: ({ DashboardNamePrefix = '' }) => ({
      DashboardEntries: [...dashboards.values()]
        .filter(({ name }) => name.startsWith(DashboardNamePrefix))
        .map(({ name, body, modifiedAtMs }) => ({
          DashboardName: name,
          DashboardArn: arnOf(name),
          LastModified: new Date(modifiedAtMs),
          Size: Buffer.byteLength(body),
        })),
    }),
    DeleteDashboards: ({ DashboardNames = [] }) => {
      for (const name of DashboardNames) named(name);
      for (const name of DashboardNames) dashboards.delete(name);
      return {};
    },
  };
}

/** A dashboard is global: its ARN names no Region. */
const arnOf = (name: string): string =>
  localArn('cloudwatch', `dashboard/${name}`).replace(/:cloudwatch:[^:]*:/, ':cloudwatch::');

function requireWidgets(body: string): void {
  const refused = (why: string) =>
    new AwsError('DashboardInvalidInputError', `The field DashboardBody must be a valid JSON object: ${why}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    throw refused(error instanceof Error ? error.message : `${error}`);
  }
  const { widgets } = (parsed ?? {}) as { widgets?: unknown };
  if (!Array.isArray(widgets)) throw refused('it has no list of widgets');
}

const invalid = (message: string): AwsError => new AwsError('DashboardInvalidInputError', message);
const notFound = (name: string): AwsError =>
  new AwsError('DashboardNotFoundError', `Dashboard ${name} does not exist`);
