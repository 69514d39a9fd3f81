import { createLogger, logTo } from '../shared/aws/log.ts';
import { chatVariables, composeChat } from '../shared/compose/chat.ts';
import { readEnvironment } from '../shared/compose/environment.ts';

const logger = createLogger();

export const handler = composeChat(readEnvironment(chatVariables), {
  config: {},
  log: logTo(logger),
  now: () => Date.now(),
  timer: (milliseconds) => AbortSignal.timeout(milliseconds),
}).before(({ context }) => logger.addContext(context));
