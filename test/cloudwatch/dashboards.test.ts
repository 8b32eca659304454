/** Dashboards: kept as they were given, refused if they are none. */
import { expect, it } from 'vitest';
import { dashboardOperations } from '../../local/cloudwatch/dashboards.ts';
import { clientOf, testPlatform } from '../local-platform.ts';

it('keeps a dashboard, lists it by its prefix, and refuses a body without widgets', async () => {
  const cloudwatch = clientOf(dashboardOperations(testPlatform()));
  const DashboardBody = '{"widgets":[]}';
  await cloudwatch.PutDashboard({ DashboardName: 'orders', DashboardBody });

  expect(await cloudwatch.GetDashboard({ DashboardName: 'orders' })).toMatchObject({ DashboardBody });
  expect((await cloudwatch.ListDashboards({ DashboardNamePrefix: 'x' })).DashboardEntries).toEqual([]);
  await expect(
    cloudwatch.PutDashboard({ DashboardName: 'orders', DashboardBody: '{}' }),
  ).rejects.toMatchObject({ code: 'DashboardInvalidInputError' });
  await cloudwatch.DeleteDashboards({ DashboardNames: ['orders'] });
  await expect(cloudwatch.GetDashboard({ DashboardName: 'orders' })).rejects.toMatchObject({
    code: 'DashboardNotFoundError',
  });
});
