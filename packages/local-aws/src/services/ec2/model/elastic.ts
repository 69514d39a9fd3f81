import type { Fleet } from './fleet.ts';
import type { Instance } from './instance.ts';

/** An address that the account keeps, whatever it is associated with. */
export type ElasticIp = {
  readonly seq: number;
  readonly allocationId: string;
  readonly ip: string;
  association: { readonly id: string; readonly instance: Instance } | null;
  tags: ReadonlyMap<string, string>;
};

/** Elastic IP addresses. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html */
export const createElasticIps = (fleet: Fleet) => {
  const { network } = fleet;
  const random = fleet.world.random.fork('ec2-addresses');
  const addresses = new Map<string, ElasticIp>();

  /** In place of the elastic address the instance gets one that is lent, where it would have got one at its launch. */
  const disassociate = (address: ElasticIp): void => {
    const { association } = address;
    if (!association) return;
    address.association = null;
    const { instance } = association;
    const lends = instance.hasPublicIp && (instance.described.state === 'running' || instance.described.state === 'pending');
    fleet.change(instance, { elasticIp: null, publicIp: lends ? network.takePublic(random) : null });
  };

  const ofInstance = (instance: Instance): ElasticIp | undefined => {
    for (const address of addresses.values()) if (address.association?.instance === instance) return address;
    return undefined;
  };

  fleet.world.subscribe((worldEvent) => {
    if (worldEvent.type !== 'instance-state' || worldEvent.to !== 'terminated') return;
    const instance = fleet.instances.get(worldEvent.instanceId);
    const address = instance && ofInstance(instance);
    if (address) disassociate(address);
  });

  return {
    addresses,

    allocate: (tags: ElasticIp['tags']): ElasticIp => {
      const allocationId = `eipalloc-0${random.hex(16)}`;
      const ip = network.takePublic(random);
      const address: ElasticIp = { seq: fleet.nextSequence(), allocationId, ip, association: null, tags };
      addresses.set(allocationId, address);
      return address;
    },

    /** The instance's other address, lent or elastic, is no longer its own; a lent one goes back to AWS. */
    associate: (address: ElasticIp, instance: Instance): string => {
      if (address.association?.instance === instance) return address.association.id;
      disassociate(address);
      const before = ofInstance(instance);
      if (before) before.association = null;
      network.givePublicBack(instance.described.publicIp);
      const id = `eipassoc-0${random.hex(16)}`;
      address.association = { id, instance };
      fleet.change(instance, { elasticIp: address.ip, publicIp: null });
      return id;
    },

    disassociate,

    release: (address: ElasticIp): void => {
      addresses.delete(address.allocationId);
      network.givePublicBack(address.ip);
    },
  };
};

export type ElasticIps = ReturnType<typeof createElasticIps>;
