import { SelfhealError } from '../model/errors.ts';

/** One response of a look contradicts another because EC2 is eventually consistent: look again. */
export class DescribeLagError extends SelfhealError {
  override readonly name = 'DescribeLag';
}
