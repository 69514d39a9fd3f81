import { defineFailure, metricAlarm } from './define.ts';

/**
 * How the CloudWatch agent splits CPU metrics, on Linux and on Windows.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/metrics-collected-by-CloudWatch-agent.html
 */
const cores = { dimension: 'cpu', whole: 'cpu-total' };
const processors = { dimension: 'instance', whole: '_Total' };

const machines = ['instance', 'group'] as const;

export const loadSaturated = defineFailure({
  id: 'load-saturated',
  severity: 'high',
  says: 'the load exceeds the capacity',
  match: [
    metricAlarm({
      namespace: 'AWS/EC2',
      metric: ['CPUUtilization', 'NetworkIn', 'NetworkOut', 'NetworkPacketsIn', 'NetworkPacketsOut'],
      direction: 'above',
      subject: machines,
    }),
    metricAlarm({
      namespace: 'CWAgent',
      metric: ['cpu_usage_active', 'cpu_usage_user', 'cpu_usage_system'],
      direction: 'above',
      subject: machines,
      part: cores,
    }),
    metricAlarm({ namespace: 'CWAgent', metric: 'cpu_usage_idle', direction: 'below', subject: machines, part: cores }),
    metricAlarm({
      namespace: 'CWAgent',
      metric: 'Processor % Processor Time',
      direction: 'above',
      subject: machines,
      part: processors,
    }),
    metricAlarm({
      namespace: 'CWAgent',
      metric: 'Processor % Idle Time',
      direction: 'below',
      subject: machines,
      part: processors,
    }),
    metricAlarm({ namespace: 'CWAgent', metric: 'netstat_tcp_established', direction: 'above', subject: machines }),
    metricAlarm({
      namespace: 'AWS/ApplicationELB',
      metric: ['RequestCountPerTarget', 'RequestCount', 'ActiveConnectionCount', 'NewConnectionCount'],
      direction: 'above',
      named: ['target-group', 'load-balancer'],
    }),
    metricAlarm({
      namespace: 'AWS/NetworkELB',
      metric: ['ActiveFlowCount', 'NewFlowCount'],
      direction: 'above',
      named: ['target-group', 'load-balancer'],
    }),
    metricAlarm({ namespace: 'AWS/ELB', metric: ['RequestCount', 'SurgeQueueLength'], direction: 'above', named: 'load-balancer' }),
    metricAlarm({ namespace: 'AWS/ECS', metric: 'CPUUtilization', direction: 'above', subject: 'service', playbook: 'scale-service' }),
    metricAlarm({ namespace: 'AWS/ECS', metric: 'CPUReservation', direction: 'above', named: 'service' }),
    // Of a cluster's readers, as Role says, or of one of them; what else it may be of the look shows.
    metricAlarm({ namespace: 'AWS/RDS', metric: 'CPUUtilization', direction: 'above', subject: 'database', playbook: 'add-reader' }),
    metricAlarm({
      namespace: 'AWS/RDS',
      metric: ['DatabaseConnections', 'DBLoad', 'DBLoadCPU', 'DBLoadNonCPU'],
      direction: 'above',
      named: 'database',
    }),
    metricAlarm({ namespace: 'AWS/DocDB', metric: ['CPUUtilization', 'DatabaseConnections'], direction: 'above', named: 'database' }),
    metricAlarm({ namespace: 'AWS/Neptune', metric: 'CPUUtilization', direction: 'above', named: 'database' }),
    metricAlarm({ namespace: 'AWS/Redshift', metric: ['CPUUtilization', 'DatabaseConnections'], direction: 'above', named: 'database' }),
    metricAlarm({
      namespace: 'AWS/ElastiCache',
      metric: ['CPUUtilization', 'EngineCPUUtilization', 'CurrConnections'],
      direction: 'above',
      named: 'database',
    }),
    metricAlarm({ namespace: 'AWS/ES', metric: 'CPUUtilization', direction: 'above', named: 'database' }),
    metricAlarm({ namespace: 'AWS/Lambda', metric: 'ConcurrentExecutions', direction: 'above', named: 'service' }),
  ],
  playbook: 'scale-out',
});
