'use strict';

/**
 * A metric filter and an alarm for each of the policy's patterns in logs (tools/deployment/log-alarms.ts). A file of code, since the policy is
 * known only when the service is packaged. One that can't be used stops the packaging a moment later, with its problems
 * (tools/serverless-plugin.cjs).
 */
module.exports = async ({ resolveVariable }) => {
  const { logAlarms } = await import('../tools/deployment/log-alarms.ts');
  const { parsePolicy } = await import('../shared/policy/read-policy.ts');
  const given = await resolveVariable('param:policy');
  const metrics = await resolveVariable('self:custom.names.metrics');
  let made = {};
  try {
    made = logAlarms(parsePolicy(given ?? ''), metrics);
  } catch {}
  return Object.keys(made).length === 0 ? {} : { Resources: made };
};
