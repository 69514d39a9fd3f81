import { createLocalAws, type DocumentEffect, inProcess } from '#local-aws';
import { createClients } from '../../shared/aws/clients.ts';
import type { Command } from '../../shared/model/command.ts';
import { noon } from '../remediation/examples.ts';

export const restart: Command = {
  document: 'Shop-RestartService',
  version: '3',
  parameters: { Service: ['nginx'] },
  timeout: '2m',
  effects: ['interrupts'],
};

/** An instance with the agent of Systems Manager in an embedded AWS, and a document with this effect that restarts a service. */
export const createManagedInstance = (effect?: DocumentEffect) => {
  const account = { account: '123456789012', region: 'us-east-1' };
  const aws = createLocalAws({ seed: 5, start: noon - 600_000, ...account, throttle: 'off' });
  const { clock } = aws.world;
  const clients = createClients({
    region: account.region,
    endpoint: 'http://local',
    credentials: { accessKeyId: 'selfheal', secretAccessKey: 's' },
    requestHandler: inProcess(aws.handle),
    maxAttempts: 1,
  });
  const { id } = aws.ec2.launch({ imageId: 'ami-0123456789abcdef0', instanceType: 't3.micro', availabilityZone: 'us-east-1a', tags: [] });
  aws.ssm.placeDocument({ name: restart.document, version: restart.version, parameters: { Service: {} }, ...(effect && { effect }) });
  const pass = (seconds: number) => clock.advanceTo(clock.now() + seconds * 1000);
  pass(600);
  const callsOf = (operation: string) => aws.world.calls.filter((call) => call.operation === operation);
  return { aws, clients, clock, id, target: { type: 'instance', id } as const, pass, callsOf };
};
