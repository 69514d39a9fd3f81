import { load } from './load.ts';

/** `sls invoke local -f remediate`: the playbook for one incident. */
export const handler = async (event: unknown) => (await load<typeof import('./hosted.ts')>('hosted.ts')).invokeRemediate(event);
