import type { DescribeView, StateReason } from './instance.ts';

/** `User initiated (2026-11-20 14:01:59 GMT)`, as StateTransitionReason has it. */
const transitionText = (cause: string, at: number): string => `${cause} (${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} GMT)`;

export type StateChangeCause = 'user' | 'hibernation' | 'guest' | 'service-fault' | 'retirement' | 'spot';

const causes: Readonly<Record<StateChangeCause, { reason: StateReason; transition: string }>> = {
  user: {
    reason: { code: 'Client.UserInitiatedShutdown', message: 'Client.UserInitiatedShutdown: User initiated shutdown' },
    transition: 'User initiated',
  },
  hibernation: {
    reason: { code: 'Client.UserInitiatedHibernate', message: 'Client.UserInitiatedHibernate: User initiated hibernate' },
    transition: 'User initiated hibernate',
  },
  guest: {
    reason: { code: 'Client.InstanceInitiatedShutdown', message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown' },
    transition: '',
  },
  'service-fault': {
    reason: { code: 'Server.InternalError', message: 'Server.InternalError: Internal error' },
    transition: 'Server.InternalError',
  },
  retirement: {
    reason: { code: 'Server.ScheduledStop', message: 'Server.ScheduledStop: Stopped due to scheduled retirement' },
    transition: 'Server.ScheduledStop',
  },
  spot: {
    reason: { code: 'Server.SpotInstanceTermination', message: 'Server.SpotInstanceTermination: Spot instance termination' },
    transition: 'Server.SpotInstanceTermination',
  },
};

/** What StateReason and StateTransitionReason say of a shutdown. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html */
export const stateReasonOf = (cause: StateChangeCause, at: number): Pick<DescribeView, 'stateReason' | 'transitionReason'> => {
  const { reason, transition } = causes[cause];
  return { stateReason: reason, transitionReason: transition === '' ? '' : transitionText(transition, at) };
};
