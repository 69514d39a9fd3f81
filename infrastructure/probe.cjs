'use strict';

const { join } = require('node:path');

/**
 * Whether the policy has URLs that must answer, so that the function that requests them is deployed. A file of code, as policy-grants.cjs is
 * one.
 */
module.exports = async ({ resolveVariable }) => {
  const { usablePolicy } = await import('../tools/deployment/packaged-policy.ts');
  const given = await resolveVariable('param:policy');
  return { wanted: usablePolicy(given ?? '', join(__dirname, '..'))?.checks ? 'on' : 'off' };
};
