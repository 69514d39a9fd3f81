import { readEnvironment } from '../shared/compose/environment.ts';
import { composeProbe, probeVariables } from '../shared/compose/probe.ts';

export const handler = composeProbe(readEnvironment(probeVariables), { timer: (milliseconds) => AbortSignal.timeout(milliseconds) });
