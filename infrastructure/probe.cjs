'use strict';

const { join } = require('node:path');

/**
 * Whether the policy has URLs that must answer, so that the function that requests them is deployed. A file of code, as policy-grants.cjs is
 * one.
 */
module.exports = async ({ resolveVariable }) => {
  const { policyOfParameter } = await import('../tools/deployment/packaged-policy.ts');
  try {
    return { wanted: policyOfParameter((await resolveVariable('param:policy')) ?? '', join(__dirname, '..')).checks ? 'on' : 'off' };
  } catch {
    return { wanted: 'off' };
  }
};
