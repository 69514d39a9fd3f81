import { createLogger, logTo } from '../shared/aws/log.ts';
import { approveVariables, composeApprove } from '../shared/compose/approve.ts';
import { readEnvironment } from '../shared/compose/environment.ts';

const logger = createLogger();

export const handler = composeApprove(readEnvironment(approveVariables), {
  config: {},
  log: logTo(logger),
  now: () => Date.now(),
  timer: (milliseconds) => AbortSignal.timeout(milliseconds),
}).before(({ context }) => logger.addContext(context));
