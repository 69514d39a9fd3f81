import { AwsError } from '../../wire/protocol/errors.ts';

/** A canary as a world has it; it asks for nothing here. Times in milliseconds since the epoch. */
export type PlacedCanary = {
  name: string;
  createdAt: number;
  modifiedAt?: number;
  state?: { name: 'RUNNING' | 'STOPPED' | 'ERROR'; reason?: string };
  /** The newest last. */
  runs?: readonly { at: number; state: 'PASSED' | 'FAILED'; reason?: string }[];
};

export const createCanaries = () => {
  const canaries = new Map<string, PlacedCanary>();
  return {
    /** Puts a canary there; the same name again changes nothing. */
    place: (placed: PlacedCanary): void => {
      if (!canaries.has(placed.name)) canaries.set(placed.name, placed);
    },
    expect: (name: string): PlacedCanary => {
      if (!/^[0-9a-z_-]{1,255}$/.test(name)) throw new AwsError('ValidationException', `Canary name is invalid: ${name.slice(0, 100)}`);
      const found = canaries.get(name);
      if (!found) throw new AwsError('ResourceNotFoundException', `Canary ${name} not found`, 404);
      return found;
    },
  };
};
export type Canaries = ReturnType<typeof createCanaries>;
