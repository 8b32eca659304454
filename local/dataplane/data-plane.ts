/** The border between the ELBv2 simulator (control plane) and what carries requests: a proxy process, or a model. */

export interface TargetAddress {
  /** `127.0.0.1` for real processes. */
  host: string;
  port: number;
}

/** How the data plane must treat a target now. */
export type TargetCondition = 'initial' | 'healthy' | 'unhealthy' | 'draining';

export interface PlaneTarget extends TargetAddress {
  condition: TargetCondition;
}

export interface PlaneTargetGroup {
  arn: string;
  targets: PlaneTarget[];
  /** Target-group (not rule) stickiness with AWSALB cookies, in seconds. */
  stickinessSeconds?: number;
}

export interface WeightedTargetGroup {
  arn: string;
  /** 0 to 999. */
  weight: number;
}

export type PlaneAction =
  | { type: 'forward'; targetGroups: WeightedTargetGroup[]; stickinessSeconds?: number }
  | { type: 'fixed-response'; statusCode: number; contentType?: string; body?: string }
  /** `location` may hold #{protocol}, #{host}, #{port}, #{path} (without its first slash) and #{query}. */
  | { type: 'redirect'; statusCode: number; location: string };

export interface PlaneRule {
  arn: string;
  conditions: PlaneCondition[];
  action: PlaneAction;
}

export type PlaneCondition =
  | { field: 'path-pattern'; values: string[] }
  | { field: 'host-header'; values: string[] }
  | { field: 'http-header'; name: string; values: string[] }
  | { field: 'http-request-method'; values: string[] }
  | { field: 'query-string'; values: { key?: string; value: string }[] }
  | { field: 'source-ip'; values: string[] };

export interface PlaneListener {
  arn: string;
  /** The port on 127.0.0.1 that it listens on. */
  port: number;
  /**
   * `http` if absent. With `https` TLS counts as ended before the port, which speaks plain HTTP: it is what
   * X-Forwarded-Proto says. With `tcp` whole connections are forwarded, whatever they carry, by the only rule.
   */
  protocol?: 'http' | 'https' | 'tcp';
  /** In order of priority; the default action comes last, without conditions. */
  rules: PlaneRule[];
}

/** The whole state of one load balancer's data plane: applied as one, replacing the former. */
export interface PlaneConfiguration {
  loadBalancerArn: string;
  idleTimeoutSeconds: number;
  listeners: PlaneListener[];
  targetGroups: PlaneTargetGroup[];
}

export interface HealthProbe {
  target: TargetAddress;
  /** Absent for a TCP check: the target has to accept a connection, and is asked nothing. */
  path?: string;
  timeoutMs: number;
}

export interface ProbeResult {
  /** Absent if there was no HTTP answer. */
  statusCode?: number;
  /** Whether the connection of a TCP check was accepted. */
  connected?: boolean;
  /** `Target.Timeout` or `Target.FailedHealthChecks` if there was neither. */
  reason?: string;
}

/** What was carried since the last report, of one load balancer and target group, within one period. */
export interface PlaneMetrics {
  loadBalancerArn: string;
  /** Absent for requests that reached no group (fixed responses, redirects, a forward with no weight). */
  targetGroupArn?: string;
  /** Requests for which a target was chosen, as ALB counts them. */
  requestCount: number;
  /** Answers made by targets, by class: index 2 is 2xx. */
  targetResponses: Partial<Record<2 | 3 | 4 | 5, number>>;
  /** Answers made by the load balancer itself, by status code. */
  elbResponses: Record<number, number>;
  /** Response times in seconds. */
  responseTimes: number[];
}

/** What the TCP listeners of one load balancer carried since the last report: connections, which AWS calls flows. */
export interface PlaneFlows {
  loadBalancerArn: string;
  newFlows: number;
  /** Open now. */
  activeFlows: number;
  /** Both ways. */
  processedBytes: number;
  /** Connections that somebody broke off, by who did: a target that refuses one counts as the target. */
  resets: Record<FlowEnd, number>;
}

/** `elb` if the load balancer broke it off: no target, an idle time-out, a target's or group's time being up. */
export type FlowEnd = 'client' | 'target' | 'elb';

export interface DataPlane {
  /** Replaces a load balancer's configuration; resolves when every node has it. Requests in flight finish. */
  apply(configuration: PlaneConfiguration): Promise<void>;
  remove(loadBalancerArn: string): Promise<void>;
  /** Probes a target as a load balancer's node does. Never rejects. */
  probe(probe: HealthProbe): Promise<ProbeResult>;
  /** Requests and connections in flight to a target now; with a group only those that went through it (a port may be used again). */
  inFlight(target: TargetAddress, targetGroupArn?: string): Promise<number>;
  /** Cuts what is still in flight to a target (the clients see 502, or a reset connection). */
  cut(target: TargetAddress, targetGroupArn?: string): Promise<void>;
  /** Resets the connections that a TCP listener has open to a target group. */
  closeConnections(listenerArn: string, targetGroupArn: string): Promise<void>;
  /** Takes what was carried since the last call. */
  takeMetrics(): Promise<PlaneMetrics[]>;
  /** Takes what TCP listeners carried since the last call; a load balancer that carried nothing may be absent. */
  takeFlows(): Promise<PlaneFlows[]>;
  close(): Promise<void>;
}
