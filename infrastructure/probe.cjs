'use strict';

const { join } = require('node:path');

/**
 * Whether the policy has URLs that must answer, so that the function that requests them is deployed. A file of code, as policy-grants.cjs is
 * one.
 */
module.exports = async ({ resolveVariable }) => {
  const given = await resolveVariable('param:policy');
  // The defaults have none.
  if ((given ?? '') === '') return { wanted: 'off' };
  const { usablePolicy } = await import('../tools/deployment/packaged-policy.ts');
  return { wanted: usablePolicy(given, join(__dirname, '..'))?.checks ? 'on' : 'off' };
};
