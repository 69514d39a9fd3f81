import type { Call, LocalAws } from '#local-aws';
import type { PromiseId } from './promises.ts';

/** What fills up is about as full as the fullest file system of its instance; in percent. */
const slack = 10;

/** Watches which volumes are grown, against what the instances really have mounted. */
export const createVolumes = (
  the: () => LocalAws,
  most: number | null,
  object: (promise: PromiseId, resource: string, text: string) => void,
) => {
  const fullest = (device: ReturnType<LocalAws['ec2']['disks']['blockDevices']>[number]): number =>
    Math.max(...[device, ...(device.children ?? [])].map((one) => Number.parseFloat(one['fsuse%'] ?? '0')));

  return {
    /** The instance that the volume is attached to. */
    after: ({ operation, input }: Call): string => {
      const id = String(input.VolumeId);
      const volume = the().ec2.volume(id);
      if (volume?.tags.get('selfheal') !== 'on') object('right-volume', id, `${operation} without the tag`);
      const instance = volume?.instanceId ?? '';
      const devices = instance === '' ? [] : the().ec2.disks.blockDevices(instance);
      const own = devices.find(({ serial }) => serial === id.replace('-', ''));
      if (!own || fullest(own) + slack < Math.max(...devices.map(fullest)))
        object('right-volume', id, `${operation}, and something else fills up`);
      if (input.Size !== undefined && (most === null || Number(input.Size) > most))
        object('volume-most', id, `asked for ${Number(input.Size)} GiB, of at most ${most ?? 'none'}`);
      return instance;
    },
  };
};
