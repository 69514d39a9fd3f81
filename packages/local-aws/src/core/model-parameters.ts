/**
 * The figures that the local AWS runs on, in one place: what AWS documents, with the page it is from, and what is assumed where it
 * gives none.
 */

/** Request and resource token buckets. Sizes in tokens, refills per second of simulated time. */
export const throttleParameters = {
  /** https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html */
  ec2: {
    requests: {
      nonMutating: { size: 100, perSecond: 20 },
      /** Describe calls without filters, ids or pages. */
      unbounded: { size: 50, perSecond: 10 },
      mutating: { size: 50, perSecond: 5 },
    },
    /** Actions that the page lists with buckets of their own. */
    actions: {
      RunInstances: { size: 5, perSecond: 2 },
      StartInstances: { size: 5, perSecond: 2 },
      TerminateInstances: { size: 100, perSecond: 5 },
    },
    /** A token for each instance that the call names. */
    resources: {
      RunInstances: { size: 1000, perSecond: 2 },
      StartInstances: { size: 1000, perSecond: 2 },
      StopInstances: { size: 1000, perSecond: 20 },
      TerminateInstances: { size: 1000, perSecond: 20 },
    },
  },
  /** Auto Scaling shares one limit between its calls and publishes no figure: assumed. */
  autoScaling: { reads: { size: 50, perSecond: 10 }, writes: { size: 20, perSecond: 5 } },
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html; `others` is assumed. */
  cloudWatch: {
    actions: {
      DescribeAlarms: { size: 9, perSecond: 9 },
      PutMetricAlarm: { size: 3, perSecond: 3 },
      GetMetricData: { size: 50, perSecond: 50 },
      GetMetricStatistics: { size: 400, perSecond: 400 },
      ListMetrics: { size: 25, perSecond: 25 },
      PutMetricData: { size: 500, perSecond: 500 },
    },
    others: { size: 10, perSecond: 3 },
  },
  /** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
  cloudTrail: { lookupEvents: { size: 2, perSecond: 2 } },
  /**
   * All calls that manage functions share one limit, and GetFunction has its own; bursts are assumed to be a second's worth.
   * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests
   */
  lambda: { management: { size: 15, perSecond: 15 }, getFunction: { size: 100, perSecond: 100 } },
  /** Of Run Command, each action by itself: https://docs.aws.amazon.com/general/latest/gr/ssm.html gives no figures for them: assumed. */
  systemsManager: { size: 20, perSecond: 5 },
} as const;

/** What the `deliver` faults do to a delivery, in seconds: all assumed. AWS promises at least once, and no order. */
export const deliveryParameters = {
  duplicateAfter: { least: 0, most: 60 },
  delay: { least: 30, most: 600 },
  /** How long one is held so that later ones overtake it. */
  overtaken: { least: 1, most: 30 },
} as const;

/** What EventBridge takes, in seconds. */
export const eventBridgeParameters = {
  /** From one bus to another one, in another account or region say: AWS gives no figure, so it is assumed. */
  busToBusSeconds: { least: 0.2, most: 2 },
} as const;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
export const elbParameters = {
  /** Defaults of a target group for instances, in seconds and consecutive checks. */
  healthCheck: { intervalSeconds: 30, timeoutSeconds: 5, healthyThreshold: 5, unhealthyThreshold: 2 },
  deregistrationDelaySeconds: 300,
  /**
   * From a registration, a deregistration or another health to the load balancer's routing by it: assumed, after what is measured in
   * https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2366.
   */
  propagationSeconds: 17,
} as const;

/** When CloudTrail shows a call, in seconds, and for how many days. */
export const cloudTrailParameters = {
  /** "Within 15 minutes": https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html; the spread is assumed. */
  lagSeconds: { least: 60, most: 900 },
  keptDays: 90,
} as const;

/** Databases. Where no page is named, AWS gives no figure and it is assumed. Ranges are in seconds. */
export const rdsParameters = {
  /** AWS draws half an hour for each instance: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html. */
  maintenanceWindow: 'sun:06:00-sun:06:30',
  /** From the call until the engine is down, and from there until it is up. */
  reboot: { shutdown: { least: 5, most: 20 }, restart: { least: 20, most: 90 } },
  /**
   * PostgreSQL allows one connection for each 9,531,392 bytes of memory, here of 16 GiB:
   * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections.
   */
  connections: { idle: 20, most: 1802 },
  /** Percent. */
  cpu: { idle: 5, busy: 60 },
  /** Freeable while nothing is connected, and what a connection takes, in bytes. */
  memory: { free: 8 * 1024 ** 3, least: 64 * 1024 ** 2, perConnection: 4 * 1024 ** 2 },
  /** Of whoever takes writes. */
  writeIops: 50,
  /** Reads a second for each percent of CPU, and what a read or write takes while nothing else is done, in seconds. */
  readIops: 10,
  latency: 0.001,
  /** Of the class: sessions beyond them wait. */
  vcpus: 2,
  /** From the call until the status says so. */
  begins: { least: 5, most: 20 },
  /** How long a change of the storage, the class, or the zones takes. */
  change: { least: 60, most: 300 },
  storage: {
    allocated: 100,
    used: 40,
    /** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
    most: 65_536,
    /** Of all instances of an account and region: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html. */
    quota: 100_000,
    /** gp3 from here on has IOPS of its own; below, they can't be chosen: the same page on storage. */
    gp3: { from: 400, iops: 12_000, below: 3000 },
    /** "Either six hours or until storage optimization has completed, whichever is longer": USER_PIOPS.ModifyingExisting. */
    apartHours: 6,
    optimizing: { least: 1800, most: 10_800 },
    /** RDS-EVENT-0089 comes once more than 90 % is in use. */
    low: 0.1,
    /**
     * Autoscaling acts while at most a tenth is free for five minutes, and grows by the most of 10 GiB, a tenth, and what the last hour
     * predicts for seven: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html.
     */
    autoscaling: { minutes: 5, least: 10, share: 0.1, hours: 7, warnsAt: 0.8 },
  },
  /** Until RDS sees that an engine or its host is gone. */
  detection: { least: 10, most: 30 },
  /** "Typically … less than 60 seconds": https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html. */
  clusterFailover: { least: 15, most: 35 },
  /** "Typically 60-120 seconds", here with its detection: Concepts.MultiAZSingleStandby. */
  multiAzFailover: { least: 50, most: 90 },
  create: { least: 240, most: 480 },
  backUp: { least: 60, most: 180 },
  remove: { least: 120, most: 300 },
  promote: { least: 60, most: 180 },
  /** Of one source, for MySQL, MariaDB and PostgreSQL: USER_ReadRepl of https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/. */
  mostReplicas: 15,
  maintenance: { least: 300, most: 900 },
  lag: {
    /** "Usually much less than 100 milliseconds": https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Replication.html. */
    aurora: 0.02,
    replica: 0,
    /** Seconds of lag that are caught up in a minute. */
    catchUp: 300,
  },
} as const;

/** ECS. Spans in seconds; what no page is named for is assumed. */
export const ecsParameters = {
  /** From a change to the service scheduler acting on it. */
  reactSeconds: { least: 1, most: 4 },
  /** From the placement of a task until it runs, and until one whose image can't be pulled is given up. */
  startSeconds: { least: 8, most: 25 },
  failSeconds: { least: 5, most: 15 },
  /** From a task's stop until it has stopped: software that takes SIGTERM at once, and not the 30 seconds of its stop timeout. */
  stopSeconds: { least: 2, most: 10 },
  /** From StopServiceDeployment until the rollback begins. */
  rollbackRequestedSeconds: { least: 1, most: 5 },
  /** From the death of an agent, or of what it runs on, until ECS says that it is disconnected; and until one that is back is connected. */
  agentLostSeconds: { least: 10, most: 40 },
  agentBackSeconds: { least: 3, most: 15 },
  /** How often the scheduler looks at what load balancers say of its tasks. */
  lookSeconds: 15,
  /** A failing placement is tried again. */
  placementRetrySeconds: 30,
  /**
   * "The time between subsequent restart attempts is incrementally increased up to a maximum of 15 minutes"; how is assumed.
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
   */
  throttle: { after: 3, firstSeconds: 5, mostSeconds: 900 },
  /** 0.5 × desired count, 3 at least and 200 at most: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html */
  circuitBreaker: { share: 0.5, least: 3, most: 200 },
  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html */
  deployment: { minimumHealthyPercent: 100, maximumPercent: 200 },
  /** Stopped tasks are kept for an hour: "at least one hour", https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html */
  stoppedKeptSeconds: 3600,
  /** Of a host and of a task, in CPU units and MiB. */
  host: { cpu: 2048, memory: 7764 },
  task: { cpu: 256, memory: 512 },
  /** Percent of what a service's tasks may use, while nothing is done with them. */
  idle: { cpu: 8, memory: 25 },
} as const;

/** Lambda. Spans in seconds; what no page is named for is assumed. */
export const lambdaParameters = {
  /** How long a new function is pending, an update is in progress, and an event source mapping is on its way to another state. */
  createSeconds: 5,
  updateSeconds: 5,
  mappingSeconds: 10,
  /** Defaults and limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and CreateFunction. */
  concurrency: 1000,
  timeoutSeconds: 3,
  memoryMegabytes: 128,
  tags: 50,
  policyBytes: 20_480,
  /**
   * What must be left to functions without a reserve: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html. Accounts
   * with a smaller quota are told of 10: https://github.com/aws-samples/alarm-context-tool/issues/2.
   */
  unreservedLeast: 100,
  /** Of a version of which nothing else is said. */
  behaviour: { errors: 0, durationMs: 100 },
  /** How the durations of invocations spread around their mean. */
  durations: [
    { share: 0.5, times: 0.7 },
    { share: 0.3, times: 1 },
    { share: 0.15, times: 1.5 },
    { share: 0.04, times: 2.25 },
    { share: 0.01, times: 3.5 },
  ],
} as const;

/** Certificate Manager. What no page is named for is assumed. */
export const acmParameters = {
  /** Days that a certificate is valid for; from how many days before its end ACM tries to renew it. */
  validity: 198,
  renewalStarts: 60,
  /** Days before the end: a daily event from then on, and one at each of these if somebody has to do something for its renewal.
   * https://docs.aws.amazon.com/acm/latest/userguide/supported-events.html */
  expiryEvents: 45,
  actionRequired: [45, 30, 15, 3, 1],
  /** From the request until the record is known by which a domain is validated. */
  recordAfterSeconds: 5,
  /** How often DNS is looked at, and how long a renewal tries before it says that it needs a person. */
  checkSeconds: { issuance: 60, renewal: 1800 },
  pendingAfterSeconds: 3600,
  /** https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-timed-out.html */
  validationHours: 72,
  /** "Twice per day": https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html */
  metricEveryHours: 12,
} as const;

/** "Changes generally propagate to all Route 53 name servers within 60 seconds": ChangeResourceRecordSets. Seconds; the spread is assumed. */
export const route53Parameters = { inSync: { least: 15, most: 60 } } as const;

/** Run Command and the agent. How long things take is assumed; defaults and limits are those of SendCommand. */
export const ssmParameters = {
  /** From SendCommand until reads show the command: assumed, on the ground of https://github.com/aws/aws-cli/issues/3546. */
  visibleSeconds: { least: 0.1, most: 1 },
  /** Until the agent has picked a command up. */
  pickupSeconds: { least: 0.5, most: 3 },
  runSeconds: { least: 1, most: 10 },
  /** From CancelCommand until a command that runs is stopped. */
  cancelSeconds: { least: 1, most: 5 },
  /** How often a command that could not be handed over is tried again. */
  retrySeconds: 15,
  /** Both defaults: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html#monitor-about-status-timeouts */
  timeoutSeconds: 3600,
  executionSeconds: 3600,
  maxConcurrency: '50',
  maxErrors: '0',
  /** Characters that GetCommandInvocation shows; and ListCommandInvocations, as the agent sends them with its reply. */
  outputLength: { stdout: 24_000, stderr: 8_000, listed: 2_500 },
  /** How often an agent says that it is there, and how long after its last moment its connection counts as lost: assumed. */
  pingEverySeconds: 300,
  connectionLostAfterSeconds: 300,
} as const;

/** EC2. Spans in seconds; what no page is named for is assumed. */
export const ec2Parameters = {
  zoneLetters: ['a', 'b', 'c'],
  /** From the launch or start to `running`, and from there until the operating system answers. */
  pending: { least: 5, most: 20 },
  boot: { least: 20, most: 50 },
  /** A request to reboot is queued; a clean shutdown; and how long EC2 waits for one before it cuts the power: "a few minutes" in
   * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RebootInstances.html. */
  rebootQueue: { least: 1, most: 4 },
  guestShutdown: { least: 5, most: 20 },
  hardRebootAfter: { least: 200, most: 270 },
  /** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/TroubleshootingInstancesStopping.html has stops that hang, and Force. */
  stop: {
    clean: { least: 10, most: 40 },
    withoutShutdown: { least: 2, most: 8 },
    unresponsive: { least: 420, most: 720 },
    unresponsiveForced: { least: 30, most: 90 },
  },
  /** From the call to the end of a start that EC2 finds out it can't make. */
  failedStart: { least: 3, most: 15 },
  volumes: { create: { least: 1, most: 5 }, attach: { least: 1, most: 5 }, detach: { least: 2, most: 10 } },
  modifications: {
    modifying: { least: 2, most: 15 },
    optimizing: { least: 120, most: 900 },
    /** Within 24 hours, of one volume: ModifyVolume. */
    perDay: 4,
  },
  snapshots: {
    create: { least: 20, most: 120 },
    /** Of one volume: one in so many seconds, and so many that are pending at once.
     * https://docs.aws.amazon.com/ebs/latest/userguide/ebs-resource-quotas.html; the seconds are those of its error's page. */
    everySeconds: 15,
    pending: 5,
  },
  terminate: { clean: { least: 10, most: 40 }, unresponsive: { least: 60, most: 240 } },
  /** "Terminated instances remain visible after termination (for approximately one hour)": DescribeInstances. */
  terminatedVisible: 3600,
  statusChecks: {
    /** In milliseconds: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html */
    interval: 60_000,
    /** From `running` to the first check. */
    first: { least: 90, most: 150 },
    failuresToImpair: 2,
  },
  /** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-configuration-recovery.html; three a day in its older edition. */
  recovery: { after: { least: 180, most: 600 }, byAlarm: { least: 60, most: 240 }, succeeds: 0.8, perDay: 3 },
  /** https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html gives no figures. */
  describeLag: { newInstance: { chance: 0.2, span: { least: 0.5, most: 3 } }, change: { chance: 0.5, span: { least: 0.5, most: 3 } } },
  /** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html: two minutes. */
  spot: { notice: 120, rebalanceFirst: 0.5, rebalanceAhead: { least: 30, most: 180 } },
  clientTokenKept: 24 * 3600,
  /** vCPUs of one account; a new one gets far fewer, a fleet's far more. */
  vcpuQuota: 65_536,
  /** The chance that a process that has died comes back with its guest: assumed. */
  startsAtBoot: 0.9,
  /** Percent. */
  idle: { cpu: 2, memory: 30, disk: 40, free: 4 },
  /** Percent a minute. */
  leak: { least: 2, most: 4 },
  fill: { least: 1, most: 3 },
  /** Bytes a minute of an idle instance, and for each percent of CPU above that. */
  network: { idle: 20_000, perCpuPercent: 400_000 },
} as const;

/** How CloudWatch evaluates alarms and takes metrics. Times have their unit in their names; each figure has its source, or is assumed. */
export const cloudWatchParameters = {
  /** An alarm is evaluated once a minute: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html */
  evaluateEverySeconds: 60,
  /** With a period of 10, 20 or 30 seconds: assumed, on the ground that such alarms "alarm more quickly". */
  evaluateFastEverySeconds: 10,
  /** Where the evaluation range is longer than a day, once an hour: the same page. */
  evaluateSlowlyEverySeconds: 3600,
  /** Beyond its evaluation periods, an alarm looks at two more: the documented example is 5 for 3; assumed for all. */
  extraPeriods: 2,
  /**
   * From the end of a period until alarms and reads see it: assumed. Published notifications of one-minute alarms come 35 to 95
   * seconds after the period, which is this and a phase of up to a minute.
   */
  ingestionSeconds: 30,
  /** The same for periods below a minute: assumed. */
  fastIngestionSeconds: 5,
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html */
  repeatScalingEverySeconds: 60,
  /** From an alarm's change until the composite alarms above it are evaluated: assumed. */
  compositeMilliseconds: 100,
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html */
  minuteDataKeptDays: 15,
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html */
  historyKeptDays: 30,
} as const;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html and the pages beside it. */
export const logsParameters = {
  batch: { events: 10_000, bytes: 1_048_576, overheadBytes: 26, spanHours: 24 },
  eventBytes: 1_048_576,
  /** Events that are further away than this are rejected, one by one. */
  aheadHours: 2,
  backDays: 14,
  metricFiltersPerGroup: 100,
  pageSize: 50,
  eventsPerPage: 10_000,
} as const;

/** Auto Scaling. AWS publishes defaults and limits, but hardly a time: what is in seconds without a page is assumed. */
export const autoScalingParameters = {
  /** From a change to the group acting on it; published activity histories show ten to twenty seconds. */
  reactSeconds: { least: 5, most: 20 },
  /** From EC2's `running` to `InService`, and into or out of standby. */
  settleSeconds: { least: 2, most: 10 },
  /** How far DescribeAutoScalingGroups and DescribeAutoScalingInstances lag behind what a member has become. */
  describeLagSeconds: { least: 0, most: 3 },
  health: {
    checkEverySeconds: 60,
    /** From a member that stopped or was terminated to the group noticing. */
    noticeStateSeconds: { least: 5, most: 30 },
    /** From an impaired status check to the verdict "unhealthy". */
    noticeStatusSeconds: { least: 60, most: 300 },
    /** At most so many members are replaced at once where there is no instance maintenance policy, and at least one. */
    replacedAtOnce: 0.1,
  },
  /** Failed launches are tried again, each time after twice as long. */
  launchRetrySeconds: { first: 15, most: 900 },
  /** https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html */
  suspendedAfterFailingHours: 24,
  /** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html */
  defaultCooldownSeconds: 300,
  /** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html; the longest wait is a hundred heartbeats. */
  hook: { leastSeconds: 30, mostSeconds: 7200, defaultSeconds: 3600, longestSeconds: 172_800, heartbeats: 100 },
  /** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html */
  refresh: { minHealthyPercentage: 90, waitSeconds: 3600 },
  /** As the alarms of public target tracking policies show them; the share of the target below which members are taken away is assumed. */
  targetTracking: { periodSeconds: 60, high: 3, low: 15, lowShare: 0.7 },
  /** Activities are kept for six weeks: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html */
  activitiesKeptDays: 42,
} as const;

/** SQS. AWS says nothing of these times: assumed, where no page is named. */
export const sqsParameters = {
  moves: {
    /** From the call until the task moves its first message. */
    startSeconds: { least: 1, most: 3 },
    /** From the call to cancel it until it stops. */
    cancelSeconds: { least: 1, most: 3 },
    /** How often the number that callers are told of is brought up to date; recorded answers lag by seconds. */
    reportedEverySeconds: 10,
    /** Where the caller names no rate. */
    perSecond: 100,
    /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
    mostPerSecond: 500,
  },
  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
  mostReceives: 1000,
  /** How often the consumers and producers of a world act. */
  trafficEverySeconds: 5,
  /** The same for a queue in which so many messages wait, where each time costs more and changes less. */
  longBacklog: 10_000,
  longBacklogEverySeconds: 60,
} as const;
