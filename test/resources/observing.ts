import { bypassHttp, createLocalAws, inProcess } from '#local-aws';
import { placeResource } from '../../local/testbed/incident-resources.ts';
import { type Clients, createClients } from '../../shared/aws/clients.ts';
import { namingCalls } from '../../shared/aws/naming.ts';
import type { Incident } from '../../shared/model/incident.ts';
import { observe } from '../../shared/resources/observe.ts';
import { incident, noon } from '../remediation/examples.ts';

export const minute = 60_000;

/** What an alarm on one metric of a service tells of a resource; nothing will be done about it. */
export const alarmOn = (namespace: string, resource: Incident['resource'], change: Partial<Incident> = {}): Incident =>
  incident({
    failure: 'error-rate',
    disposition: 'escalate',
    playbook: null,
    resource,
    alarm: null,
    evidence: { namespace },
    ...change,
  });

/** An embedded AWS a day before noon, and looks into it by the SDK's own clients. */
export const createObserved = async () => {
  let empties = false;
  const aws = createLocalAws({
    seed: 3,
    start: noon - 24 * 60 * minute,
    account: '123456789012',
    region: 'us-east-1',
    exempt: ['operator'],
    withoutGrants: ['selfheal'],
    interceptors: [{ after: () => (empties ? 'empty' : undefined) }],
  });
  const clientsOf = (accessKeyId: string): Clients =>
    createClients(
      {
        region: 'us-east-1',
        endpoint: 'http://local',
        credentials: { accessKeyId, secretAccessKey: 's' },
        requestHandler: inProcess(aws.handle),
      },
      (client) => namingCalls(bypassHttp(client, aws.handle)),
    );
  const [clients, operator] = [clientsOf('selfheal'), clientsOf('operator')];
  return {
    aws,
    operator,
    clients,
    /** Puts what the incident is about into the world, as replay does. */
    place: (about: Incident) => placeResource({ aws, operator }, about),
    look: async (about: Incident, at = noon) => {
      await aws.advanceTo(at);
      return observe(clients, about, at);
    },
    /** From now on an operation is refused with this code. */
    refuse: (
      service: 'lambda' | 'rds' | 'ecs' | 'acm' | 'sqs' | 'ec2' | 'elb' | 'cloudwatch',
      operation: string,
      code = 'AccessDeniedException',
      status = 403,
    ) => void aws.faults.inject({ fault: 'fail-call', service, operation, code, status, rate: 1, when: 'before' }),
    /** From now on every answer has nothing in it. */
    empty: () => {
      empties = true;
    },
    close: () => aws.close(),
  };
};

export type Observed = Awaited<ReturnType<typeof createObserved>>;
