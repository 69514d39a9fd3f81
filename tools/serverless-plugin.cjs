'use strict';

const { rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/**
 * What the service needs of the framework beyond its own.
 *
 * `sls invoke local` runs the whole pipeline: a function that is invoked locally is given a handler that hosts it, on the embedded local
 * AWS for the stage `local`, in the account of the given credentials for every other, where it is a dry run unless SELFHEAL_MODE is set.
 *
 * `package` stops where there is no such mode, where the policy can't be used, wherever it comes from (it can't be read, asks for another
 * opt-in tag than IAM will, routes outcomes to topics that the roles may not publish to, or wants two approvers where there is one), where a
 * name would be too long, and where a function would be kept from running. It leaves a template beside the archives that deploys without the
 * framework, and one for members of a hub. `deploy` asks the account whether it has the concurrency, and protects the ledger once there is one.
 */
module.exports = class Selfheal {
  constructor(serverless, options, { log } = {}) {
    this.hooks = {
      'before:package:initialize': async () => {
        // What the bundler has left of `invoke local`, which would go into every archive.
        rmSync(join(serverless.serviceDir, '.esbuild'), { recursive: true, force: true });
        const { approversProblem, modeProblem, optInProblem, routesProblem } = await import('./check-policy.ts');
        const { concurrencyProblem } = await import('./deployment/concurrency.ts');
        const { stageProblem } = await import('./deployment/names.ts');
        const { packagePolicy, policyOfParameter } = await import('./deployment/packaged-policy.ts');
        const { service, provider, custom, functions = {}, resources } = serverless.service;
        const names = Object.values(functions).flatMap(({ name }) => (name ? [name] : []));
        try {
          const policy = policyOfParameter(custom.policy, serverless.serviceDir);
          // tools/bundling.cjs takes it from there.
          custom.packagedPolicy = packagePolicy(policy);
          const mode = functions?.remediate?.environment?.SELFHEAL_MODE;
          const problem =
            modeProblem(mode) ??
            optInProblem(policy, custom.optIn) ??
            routesProblem(policy, service, provider.stage) ??
            approversProblem(policy, custom.approvers ?? {}) ??
            concurrencyProblem(functions) ??
            stageProblem(provider.stage, names, { Resources: resources?.Resources ?? {} });
          if (problem) throw new Error(problem);
        } catch (error) {
          throw new serverless.classes.Error(error.message, 'SELFHEAL_POLICY');
        }
      },
      // The template has all by now, and the archives are where it is written to.
      'before:aws:package:finalize:saveServiceState': async () => {
        const { memberTemplate } = await import('./deployment/member-template.ts');
        const { plainTemplate } = await import('./deployment/plain-template.ts');
        const { publishVersions } = await import('./deployment/published-version.ts');
        const { provider, service } = serverless.service;
        provider.compiledCloudFormationTemplate = publishVersions(provider.compiledCloudFormationTemplate);
        const plain = plainTemplate(provider.compiledCloudFormationTemplate);
        const member = memberTemplate(provider.compiledCloudFormationTemplate, `${service}-${provider.stage}`);
        for (const [name, template] of Object.entries({ template: plain, member }))
          writeFileSync(join(serverless.serviceDir, '.serverless', `${name}.json`), `${JSON.stringify(template, null, 2)}\n`);
      },
      // The template is the one that was packaged, now or before, and nothing has been made yet.
      'before:aws:deploy:deploy:createStack': async () => {
        const { checkDeployment } = await import('./deployment/check.ts');
        const { provider, custom } = serverless.service;
        const config = await serverless.getProvider('aws').getAwsSdkV3Config();
        const protects = String(custom.deletionProtection) === 'true';
        const { problem, notices } = await checkDeployment(provider.compiledCloudFormationTemplate, config, { protects });
        if (problem) throw new serverless.classes.Error(problem, 'SELFHEAL_ACCOUNT');
        for (const notice of notices) log?.warning(notice);
      },
      // The framework resolves the environment before any hook of its command that a plugin could have.
      initialize: async () => {
        if (serverless.processedInput.commands.join(' ') !== 'invoke local') return;
        const { functions, provider, custom } = serverless.service;
        const called = functions[options.function];
        if (called === undefined || !['intake', 'remediate'].includes(options.function)) return;
        called.handler = `local/invoke/${options.function}.handler`;
        // JSON text is read by the function, which says what is wrong with it.
        const policyText = async () => {
          if (
            String(custom.policy ?? '')
              .trim()
              .startsWith('{') ||
            !custom.policy
          )
            return custom.policy ?? '';
          const { policyOfParameter } = await import('./deployment/packaged-policy.ts');
          return JSON.stringify(policyOfParameter(custom.policy, serverless.serviceDir));
        };
        // Names, and no references to the stack: those would have to be looked up, and for `local` there is no stack.
        called.environment = {
          LEDGER_TABLE: custom.names.ledger,
          KILL_SWITCH_PARAMETER: custom.names.killSwitch,
          OUTCOME_TOPIC: custom.names.outcomes,
          CHAT_TOPIC: custom.chat.topic === 'on' || (custom.chat.workspace && custom.chat.channel) ? custom.names.chat : '',
          METRICS_NAMESPACE: custom.names.metrics,
          SELFHEAL_POLICY: await policyText(),
          SELFHEAL_INVOKE: provider.stage === 'local' ? 'embedded' : 'account',
          SELFHEAL_MODE: process.env.SELFHEAL_MODE ?? 'dry-run',
          SELFHEAL_ROOT: serverless.serviceDir,
        };
      },
    };
  }
};
