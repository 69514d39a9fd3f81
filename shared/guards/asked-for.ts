import { defineGuard, escalate, hold, holdForNow, holdQuietly, pass } from './guard.ts';

/** What a person or a program did on purpose is not undone: only a stop that AWS itself gives as its own doing is. */
export const askedFor = defineGuard({
  id: 'asked-for',
  check: ({ facts: { instance }, action, target }) => {
    if (target.type !== 'instance') return pass;
    if (!instance) return hold('the instance does not exist');
    if (instance.state === 'terminated' || instance.state === 'shutting-down') {
      // Its group puts another in its place, whoever ended it.
      return instance.groupName
        ? holdForNow(`${instance.id} is ${instance.state} already`)
        : escalate(`${instance.id} is ${instance.state}`);
    }
    if (instance.state !== 'stopped' && instance.state !== 'stopping') return pass;
    const reason = instance.stateReason;
    // Our own stop, half way through a stop and start, is the driver's to go on with; a guard only sees whole actions.
    if (reason?.startsWith('Server.') && action.id === 'start-instance') {
      // EC2 refuses to start what hasn't stopped yet.
      return instance.state === 'stopped' ? pass : holdForNow(`${instance.id} is still stopping`);
    }
    return holdQuietly(`${instance.id} was ${instance.state} on purpose (${reason ?? 'no reason given'})`);
  },
});
