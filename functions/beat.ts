import { createLogger, logTo } from '../shared/aws/log.ts';
import { beatVariables, composeBeat } from '../shared/compose/beat.ts';
import { readEnvironment } from '../shared/compose/environment.ts';

const logger = createLogger();

export const handler = composeBeat(readEnvironment(beatVariables), {
  config: {},
  log: logTo(logger),
  now: () => Date.now(),
  timer: (milliseconds) => AbortSignal.timeout(milliseconds),
}).before(({ context }) => logger.addContext(context));
