'use strict';

const { join } = require('node:path');

/**
 * A metric filter and an alarm for each of the policy's patterns in logs (tools/deployment/log-alarms.ts). A file of code, as policy-grants.cjs
 * is one, and as there, a policy that can't be used stops the packaging a moment later.
 */
module.exports = async ({ resolveVariable }) => {
  const [given, metrics] = [await resolveVariable('param:policy'), await resolveVariable('self:custom.names.metrics')];
  // The defaults have no patterns.
  if ((given ?? '') === '') return {};
  const { usablePolicy } = await import('../tools/deployment/packaged-policy.ts');
  const { logAlarms } = await import('../tools/deployment/log-alarms.ts');
  const policy = usablePolicy(given, join(__dirname, '..'));
  const made = policy ? logAlarms(policy, metrics) : {};
  return Object.keys(made).length === 0 ? {} : { Resources: made };
};
