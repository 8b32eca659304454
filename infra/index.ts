/** What a CDK app of somebody else's may use of this folder. */
export { ConfigurationInvalid, type Problem } from '../lambdas/common/configuration.ts';
export { type BundleOptions, bundleHandlers, type HandlerBundle } from './bundle-handlers.ts';
export { readConfigurationFile } from './configuration-file.ts';
export { type HttpCheckProps, type ServiceProps, Side, type SideProps } from './service-props.ts';
export { Sidestep, type SidestepProps } from './sidestep.ts';
export { type SynthesizeOptions, synthesize } from './synthesize.ts';
