/** STS tells a client who it is, over the wire. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import { createSts } from '../../local/sts/index.ts';
import { createEndpoint } from '../../local/wire/create-endpoint.ts';
import { inProcessClientConfiguration } from '../../local/wire/in-process-handler.ts';
import { testPlatform } from '../local-platform.ts';

it('names the caller as a session of a role in the local account', async () => {
  const platform = testPlatform();
  const endpoint = await createEndpoint({ ...platform, services: { sts: createSts(platform) } });
  const client = new STSClient(inProcessClientConfiguration(endpoint, { ...platform, caller: 'alice' }));

  const identity = await client.send(new GetCallerIdentityCommand({}));

  expect(identity).toMatchObject({
    Account: '000000000000',
    Arn: 'arn:aws:sts::000000000000:assumed-role/alice/local',
  });
});
