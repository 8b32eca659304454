/** What each simulator does not do, or does otherwise than AWS: the honest half of supported.md. */
import type { ServiceScope } from './wire/services.ts';

/** Markdown by credential scope. */
export const LIMITS: { readonly [scope in ServiceScope]?: string } = {
  'application-autoscaling':
    'the desired count of ECS services only; scheduled actions fire in UTC, and a step policy acts once per change of its alarm to the state that calls it; target tracking policies are kept but watch nothing, and have no alarms; no predictive scaling or tags.',
  dynamodb:
    'tables are ACTIVE at once and every read is consistent; an item goes at the first access after its time to live; a stream has one shard, new and old images, and only event source mappings read it; no local indexes, parallel Scan or legacy parameters.',
  ecr: 'an image is its manifest alone: layers are neither uploaded nor checked; scans and signatures end as the annotations of the image say, and there is no enhanced scanning; lifecycle policies are kept, and nothing expires by them.',
  ecs: 'the `ECS` controller only; a strategy other than `ROLLING` needs a load balancer, a rolling deployment has no alarms, bake or lifecycle hooks, and roles of hooks and load balancers are recorded, not enforced; container health checks, static host ports, network interfaces, placement and launch types are recorded, not modelled; no Service Connect, service registries, volume configurations or DAEMON scheduling.',
  elasticloadbalancing:
    'Application and Network Load Balancers with one node; TLS ends before the port of an HTTPS listener, and authenticate actions let every request through; Network Load Balancers have TCP listeners without rules or stickiness, accept a connection before they reach its target, and close connections to a group without weight after its deregistration delay; no Gateway Load Balancers, HTTPS or Lambda targets, rule transforms, slow start or application cookies.',
  events:
    'the default bus only; no archives, pipes, API destinations or permissions; events keep their order unless a test disturbs them.',
  iam: 'roles without paths, boundaries or attached policies; SimulatePrincipalPolicy judges inline policies alone, with the operators StringEquals, StringLike, ArnEquals and ArnLike; people may do everything, whatever their roles say.',
  lambda:
    'functions come from a deployed template, not from CreateFunction; no versions, aliases or layers; event source mappings of DynamoDB streams only, each from its own beginning; a function URL is a path of the endpoint, asks for a signature with the scope `lambda` and does not check it (no secret is known here), and neither streams nor answers other sites; memory is no limit.',
  logs: 'the newest 1,000 lines of a stream; filter patterns of plain words; retention is recorded; lines in the embedded metric format become metrics; no subscriptions.',
  monitoring:
    'samples are kept for three hours; metric math knows `+ - * /`; no composite alarms or anomaly detection; dashboards are kept, not drawn; load balancer metrics have ten-second samples, where AWS has one minute.',
  scheduler:
    'one group; templated targets that are functions, state machines, topics and queues; no flexible windows, start or end dates, or deletion after completion; a role is judged by its own policies.',
  sns: 'delivers to functions and queues; e-mail and the like are kept, never sent; no FIFO, filter policies or retries.',
  sqs: 'standard queues without batches or redrive.',
  ssm: '`String` and `StringList` only; no labels, policies or tags.',
  states:
    'Standard machines in JSONata; a JSONPath state is refused by name; Lambda is the only integration; no redrive, activities, versions, aliases, Express or distributed Map; the limit of one second for an expression is not enforced.',
  sts: 'GetCallerIdentity answers with the access key id as the name of the role.',
};
