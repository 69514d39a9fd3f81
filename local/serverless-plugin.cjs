'use strict';

/**
 * Lets `sls invoke local` run the whole pipeline. A function that is invoked locally is given a handler that hosts it: on the
 * embedded local AWS for the stage `local`, in the account of the given credentials for every other, where it is a dry run unless
 * SELFHEAL_MODE is set. It changes nothing else, and nothing at all of what `package` and `deploy` see; but a mode that there isn't
 * stops them, and so does a policy that can't be used, wherever it comes from: one that can't be read, asks for another opt-in tag than
 * IAM will, or routes outcomes to topics that the roles may not publish to.
 */
module.exports = class LocalInvocation {
  constructor(serverless, options) {
    this.hooks = {
      'before:package:initialize': async () => {
        const { modeProblem, optInProblem, routesProblem } = await import('./check-policy.ts');
        const { parsePolicy } = await import('../shared/policy.ts');
        const { service, provider, custom, functions } = serverless.service;
        try {
          const policy = parsePolicy(provider.environment?.SELFHEAL_POLICY ?? '');
          const mode = functions?.remediate?.environment?.SELFHEAL_MODE;
          const problem = modeProblem(mode) ?? optInProblem(policy, custom.optIn) ?? routesProblem(policy, service, provider.stage);
          if (problem) throw new Error(problem);
        } catch (error) {
          throw new serverless.classes.Error(error.message, 'SELFHEAL_POLICY');
        }
      },
      // The framework resolves the environment before any hook of its command that a plugin could have.
      initialize: () => {
        if (serverless.processedInput.commands.join(' ') !== 'invoke local') return;
        const { functions, provider, custom } = serverless.service;
        const called = functions[options.function];
        if (called === undefined || !['intake', 'remediate'].includes(options.function)) return;
        called.handler = `local/invoke/${options.function}.handler`;
        // Names, and no references to the stack: those would have to be looked up, and for `local` there is no stack.
        called.environment = {
          LEDGER_TABLE: custom.names.ledger,
          KILL_SWITCH_PARAMETER: custom.names.killSwitch,
          OUTCOME_TOPIC: custom.names.outcomes,
          CHAT_TOPIC: custom.chat.topic === 'on' || (custom.chat.workspace && custom.chat.channel) ? custom.names.chat : '',
          METRICS_NAMESPACE: custom.names.metrics,
          SELFHEAL_INVOKE: provider.stage === 'local' ? 'embedded' : 'account',
          SELFHEAL_MODE: process.env.SELFHEAL_MODE ?? 'dry-run',
          SELFHEAL_ROOT: serverless.serviceDir,
        };
      },
    };
  }
};
