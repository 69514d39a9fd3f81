import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { Kms } from '../../../core/service-interfaces.ts';
import { mountOn, newFileSystem, nextDevice, unmount } from './file-systems.ts';
import type { Fleet } from './fleet.ts';
import type { Instance, Volume, Zone } from './instance.ts';
import type { DiskSpec } from './volume.ts';

/** What is asked of a volume that has no instance yet. */
export type NewVolume = Omit<DiskSpec, 'device' | 'deleteOnTermination'> & { zone: Zone; tags: ReadonlyMap<string, string> };

/** What happens to volumes beside their instances' lives: made, attached, detached, deleted. Knows nothing of the wire. */
export const createVolumes = (fleet: Fleet, kms: Kms) => {
  const { clock } = fleet.world;
  const random = fleet.world.chances('ec2-volumes');

  const draw = ({ least, most }: { least: number; most: number }) => Math.round(random.between(least, most) * 1000);

  /** A key that there isn't is found out later, as EC2 does. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html */
  const keyOf = ({ encrypted, kmsKeyId }: Pick<DiskSpec, 'encrypted' | 'kmsKeyId'>): string | null => {
    if (!encrypted) return null;
    return kmsKeyId === undefined ? kms.ebsKeyArn() : (kms.keyArn(kmsKeyId) ?? kmsKeyId);
  };

  const made = (id: string, spec: NewVolume): Volume => ({
    seq: fleet.nextSequence(),
    id,
    zone: spec.zone,
    shape: { sizeGiB: spec.sizeGiB, type: spec.type },
    modifications: [],
    fileSystem: null,
    snapshotId: spec.snapshotId ?? null,
    createdAt: clock.now(),
    kmsKeyArn: keyOf(spec),
    creating: false,
    attachment: null,
    tags: spec.tags,
    impairedSince: null,
    broken: false,
  });

  const release = (volume: Volume): void => {
    const { attachment } = volume;
    if (!attachment) return;
    volume.attachment = null;
    unmount(volume, attachment, clock.now());
    const { volumes } = attachment.instance;
    volumes.splice(volumes.indexOf(volume), 1);
    fleet.refresh(attachment.instance);
  };

  return {
    /** The volumes that come with an instance. */
    withInstance: (instance: Instance, disks: readonly DiskSpec[], tags: ReadonlyMap<string, string>): void => {
      const now = clock.now();
      const isRoot = ({ device }: { device: string }) => Number(device === instance.rootDevice);
      const come = disks.map(({ device, deleteOnTermination, ...spec }) => ({
        device,
        deleteOnTermination,
        volume: made(`vol-0${fleet.random.hex(16)}`, { ...spec, zone: instance.zone, tags }),
      }));
      // Those beside the root volume answer in an order of their own.
      const answering = come.toSorted((a, b) => isRoot(b) - isRoot(a) || (a.volume.id < b.volume.id ? -1 : 1));
      for (const one of come) {
        const { volume, device, deleteOnTermination } = one;
        volume.attachment = { instance, device, deleteOnTermination, nvme: answering.indexOf(one), at: now, state: 'attached' };
        instance.volumes.push(volume);
        // What an image has on its other volumes isn't known.
        if (!isRoot(one)) continue;
        volume.fileSystem = newFileSystem(volume, now, { path: '/' });
        mountOn(volume, now);
      }
    },

    /** One with an id of one's own, attached to nothing, as it has been since `createdAt`. */
    place: (id: string, createdAt: number): void => {
      const [zone] = fleet.zones.values();
      if (!zone || fleet.volumes.has(id)) return;
      const spec = { sizeGiB: 8, type: 'gp3', zone, tags: new Map<string, string>() };
      fleet.volumes.set(id, { ...made(id, spec), createdAt });
    },

    /** One whose key can't be used is gone before anybody can: `assumed` for want of a page; drivers of EBS tell of it. */
    create: (spec: NewVolume): Volume => {
      const volume = made(`vol-0${random.hex(16)}`, spec);
      volume.creating = true;
      fleet.volumes.set(volume.id, volume);
      clock.after(draw(ec2Parameters.volumes.create), () => {
        volume.creating = false;
        if (volume.kmsKeyArn !== null && !kms.isEnabled(volume.kmsKeyArn)) fleet.volumes.delete(volume.id);
      });
      return volume;
    },

    /** Attaches a volume to an instance that is stopped, or that runs and may have the key at once. */
    attach: (volume: Volume, instance: Instance, device: string, principal: string): void => {
      const state = 'attaching' as 'attaching' | 'attached';
      const attachment = { instance, device, deleteOnTermination: false, nvme: nextDevice(instance), at: clock.now(), state };
      volume.attachment = attachment;
      instance.volumes.push(volume);
      fleet.refresh(instance);
      const mayDecrypt = volume.kmsKeyArn === null || instance.described.state === 'stopped' || kms.letsAttach(volume.kmsKeyArn, principal);
      clock.after(draw(ec2Parameters.volumes.attach), () => {
        if (volume.attachment !== attachment || attachment.state !== 'attaching') return;
        if (!mayDecrypt) {
          release(volume);
          return;
        }
        attachment.state = 'attached';
        mountOn(volume, clock.now());
      });
    },

    detach: (volume: Volume): void => {
      const { attachment } = volume;
      if (!attachment) return;
      attachment.state = 'detaching';
      clock.after(draw(ec2Parameters.volumes.detach), () => {
        if (volume.attachment === attachment) release(volume);
      });
    },

    /** Whether EC2 can use an instance's volumes on behalf of whoever starts it. */
    canStart: ({ volumes }: Instance, principal: string): boolean =>
      volumes.every(({ broken, kmsKeyArn }) => !broken && (kmsKeyArn === null || kms.letsAttach(kmsKeyArn, principal))),
  };
};

export type Volumes = ReturnType<typeof createVolumes>;
