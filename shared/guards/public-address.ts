import type { ResourceSnapshot } from '../model/snapshot.ts';
import { type Check, defineGuard, hold, none, ofHosts, pass, requireApproval, skip } from './guard.ts';

/** Whether it may still be reachable: its checks pass or are unknown, or a load balancer finds one of its ports healthy. */
const mayBeReachable = ({ instance, status, targets }: ResourceSnapshot): boolean => {
  if (targets?.own.some(({ id, state }) => id === instance?.id && state === 'healthy')) return true;
  return status?.system !== 'impaired' && status?.instance !== 'impaired';
};

const keepsAddress: Check = ({ facts, policy, approved }) => {
  const { instance } = facts;
  if (!instance) return hold('the instance does not exist');
  if (!instance.address || instance.address.elastic) return pass;
  const loses = `${instance.id} would lose its public address ${instance.address.ip}, which is not an Elastic IP`;
  switch (policy.protect.publicAddress) {
    case 'allow':
      return pass;
    case 'never':
      return skip(`${loses}; the policy never allows that`);
    case 'ask':
      return approved ? pass : requireApproval(loses);
    case 'auto':
      return approved || !mayBeReachable(facts) ? pass : requireApproval(`${loses}, and it still serves traffic`);
  }
};

/**
 * A stop and a start give an instance another public address unless it has an elastic one, and clients of the old address lose it. A
 * person decides about that while the instance still serves; if it is dead already, there is nothing to lose.
 */
export const publicAddress = defineGuard({
  id: 'public-address',
  live: true,
  check: {
    of: ofHosts({
      starts: none,
      changesSoftware: none,
      interrupts: none,
      removesFromService: none,
      destroys: none,
      addsCapacity: none,
      changesAddress: keepsAddress,
      repeatsWork: none,
      growsStorage: none,
    }),
  },
});
