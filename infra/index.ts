/** What a CDK app of somebody else's may use of this folder. */
export { ConfigurationInvalid, type Problem } from '../lambdas/common/configuration.ts';
export { type BundleOptions, bundleHandlers, type HandlerBundle } from './bundle-handlers.ts';
export type { ScheduleProps, WindowProps } from './calendar-props.ts';
export type {
  AnalysisProps,
  ApprovalProps,
  CheckNetworkProps,
  HttpCheckProps,
  LambdaCheckProps,
  MigrationProps,
  TaskCheckProps,
} from './check-props.ts';
export { readConfigurationFile } from './configuration-file.ts';
export {
  type GroupProps,
  type ModuleProps,
  type ServiceProps,
  Side,
  type SideProps,
} from './service-props.ts';
export { Sidestep, type SidestepProps } from './sidestep.ts';
export { type StepProps, Strategy, type StrategyProps } from './strategy-props.ts';
export { type SynthesizeOptions, synthesize } from './synthesize.ts';
