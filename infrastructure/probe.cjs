'use strict';

const { join } = require('node:path');

/**
 * Whether the policy has URLs that must answer, so that the function that requests them is deployed. A file of code, as policy-grants.cjs is
 * one.
 */
module.exports = async ({ resolveVariable }) => {
  const { policyOfParameter } = await import('../tools/deployment/packaged-policy.ts');
  // Outside: the framework asks again for what it can't resolve yet.
  const given = await resolveVariable('param:policy');
  try {
    return { wanted: policyOfParameter(given ?? '', join(__dirname, '..')).checks ? 'on' : 'off' };
  } catch {
    return { wanted: 'off' };
  }
};
