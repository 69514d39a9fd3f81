/** The rooms of shared/, from the ground up, and what each is for. A room may import what lies below it, and nothing beside or above. */
export const floors = {
  model: 'what things are: resources, signals, incidents, outcomes, the policy',
  ports: 'what the product asks of the world, as types',
  aws: 'the world: one client factory, and an adapter for each port',
  resources: 'one file for each resource type: how it is observed',
  signals: 'events in, signals out',
  failures: 'signals in, classifications out',
  health: 'what "healthy" means',
  actions: 'what can be done',
  playbooks: 'in which order it is tried',
  policy: 'what the operator allows, for one incident',
  guards: 'why an action does not happen now',
  remediation: 'one incident, from its first look to its outcome',
  digest: 'past incidents counted, and what they teach',
  notifications: 'what people and machines receive',
  approvals: 'questions, and the answers to them',
  beats: 'heartbeats of what can not be monitored from outside',
  intake: 'deliveries in, executions started',
  recovery: 'executions that died, and what they left behind',
  'recommended-alarms': 'the alarms that opted-in resources should have',
  dashboard: 'the widget of recent incidents',
  handlers: 'one for each function',
  compose: 'the wiring',
} as const;

export type Room = keyof typeof floors;

export const rooms = Object.keys(floors) as Room[];
