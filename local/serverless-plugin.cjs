'use strict';

/**
 * Lets `sls invoke local` run the whole pipeline. A function that is invoked locally is given a handler that hosts it: on the
 * embedded local AWS for the stage `local`, against the account of the given credentials for every other. It changes nothing
 * else, and nothing at all of what `package` and `deploy` see.
 */
module.exports = class LocalInvocation {
  constructor(serverless, options) {
    this.hooks = {
      'before:invoke:local:invoke': () => {
        const { functions, provider } = serverless.service;
        const name = options.function;
        if (functions[name] === undefined) return;
        functions[name].handler = `local/invoke/${name}.handler`;
        // References to the stack can't be resolved without an account, and nothing of it is there.
        if (provider.stage === 'local') functions[name].environment = {};
        process.env.SELFHEAL_ROOT = serverless.serviceDir;
      },
    };
  }
};
