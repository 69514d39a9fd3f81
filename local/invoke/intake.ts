import { load } from './load.ts';

/** `sls invoke local -f intake`: the whole pipeline for one event. */
export const handler = async (event: unknown) => (await load<typeof import('./hosted.ts')>('hosted.ts')).invokeIntake(event);
