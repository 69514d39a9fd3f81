'use strict';

const { join } = require('node:path');

/**
 * What the roles may do only because the policy says so (tools/deployment/policy-grants.ts). A file of code, since it is known only when the
 * service is packaged. A policy that can't be used stops the packaging a moment later, with its problems (tools/serverless-plugin.cjs).
 */
module.exports = async ({ resolveVariable }) => {
  const given = await resolveVariable('param:policy');
  // The defaults grant nothing, and loading what says so is a fifth of every start of the framework.
  if ((given ?? '') === '') return {};
  const { usablePolicy } = await import('../tools/deployment/packaged-policy.ts');
  const { policyGrants } = await import('../tools/deployment/policy-grants.ts');
  const policy = usablePolicy(given, join(__dirname, '..'));
  const grants = policy ? policyGrants(policy) : {};
  return Object.keys(grants).length === 0 ? {} : { Resources: grants };
};
