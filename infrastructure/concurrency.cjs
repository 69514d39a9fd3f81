'use strict';

/** The functions that may have concurrency reserved, by the parameters' names. */
const functions = ['intake', 'remediate', 'watch', 'approve', 'chat', 'beat', 'probe', 'widget', 'earlyWarning'];

/**
 * How many of each function run at once, and null where none is reserved. A file of code, since the template has no word for nothing. What
 * is no number the framework refuses, and 0, which would mean never to run, the service's plugin.
 */
module.exports = async ({ resolveVariable }) => {
  const given = await Promise.all(functions.map((name) => resolveVariable(`param:${name}Concurrency`)));
  return Object.fromEntries(functions.map((name, i) => [name, given[i] === 'none' ? null : given[i]]));
};
