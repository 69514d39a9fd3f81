import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Fleet } from './fleet.ts';
import { type DiskSpec, rootDisk } from './volume.ts';

export type Image = {
  readonly seq: number;
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly createdAt: number;
  readonly rootDevice: string;
  readonly disks: readonly DiskSpec[];
  /** Whether the account made it itself. */
  readonly own: boolean;
};

/** Images: those that somebody registered, and every other well-formed id until it is deregistered. */
export const createImages = (fleet: Fleet) => {
  const { clock } = fleet.world;
  const random = fleet.world.random.fork('ec2-images');
  const registered = new Map<string, Image>();
  const gone = new Set<string>();

  const notFound = (id: string) => new AwsError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);

  const find = (id: string): Image | undefined => {
    if (gone.has(id)) return undefined;
    const image = registered.get(id);
    if (image) return image;
    const fromElsewhere = { name: id, description: '', architecture: 'x86_64', createdAt: 0, own: false } as const;
    return { seq: 0, id, ...fromElsewhere, rootDevice: rootDisk.device, disks: [rootDisk] };
  };

  return {
    registered: (): Iterable<Image> => Iterator.from(registered.values()).filter(({ id }) => !gone.has(id)),

    /** Throws what EC2 answers for an id that is malformed or of an image that there isn't. */
    expect: (id: string): Image => {
      if (!/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id))
        throw new AwsError('InvalidAMIID.Malformed', `Invalid id: "${id.slice(0, 100)}" (expecting "ami-...")`);
      const image = find(id);
      if (!image) throw notFound(id);
      return image;
    },

    register: (made: Omit<Image, 'seq' | 'id' | 'createdAt' | 'own'>): Image => {
      const image: Image = { ...made, seq: fleet.nextSequence(), id: `ami-0${random.hex(16)}`, createdAt: clock.now(), own: true };
      registered.set(image.id, image);
      return image;
    },

    /** Nothing is launched from it any more; what was launched before stays. Returns what brings it back. */
    deregister: (id: string): (() => void) => {
      gone.add(id);
      return () => {
        gone.delete(id);
      };
    },
  };
};

export type Images = ReturnType<typeof createImages>;
