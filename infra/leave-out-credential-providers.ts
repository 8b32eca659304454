/** An esbuild plugin: a function has its credentials in its environment, so the ways to find others stay out of its bundle. */
import type { Plugin } from 'esbuild';

/** What the default chain asks when the environment has nothing: files, SSO, other processes, metadata services. */
const PROVIDERS =
  /^@(aws-sdk|smithy)\/credential-provider-(ini|sso|process|login|web-identity|http|imds)$|^@aws-sdk\/token-providers$/;

const NAMES = [
  'ENV_CMDS_FULL_URI',
  'ENV_CMDS_RELATIVE_URI',
  'fromContainerMetadata',
  'fromHttp',
  'fromIni',
  'fromInstanceMetadata',
  'fromLoginCredentials',
  'fromProcess',
  'fromSSO',
  'fromTokenFile',
  'getInstanceMetadataEndpoint',
  'httpRequest',
];

const MODULE = `
const none = () => { throw new Error('this function has no credentials in its environment, where Lambda puts them'); };
export { ${NAMES.map((name) => `none as ${name}`).join(', ')} };
`;

export const leaveOutCredentialProviders: Plugin = {
  name: 'leave-out-credential-providers',
  setup(build) {
    build.onResolve({ filter: PROVIDERS }, () => ({ path: 'none', namespace: 'credential-providers' }));
    build.onLoad({ filter: /^none$/, namespace: 'credential-providers' }, () => ({ contents: MODULE }));
  },
};
