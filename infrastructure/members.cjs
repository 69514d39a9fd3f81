'use strict';

/**
 * What a hub's functions need to know of members: the names of their roles, up to the region, and the external id that these ask for. All
 * empty unless `hub` is on.
 */
module.exports = async ({ resolveVariable }) => {
  const [hub, organization, externalId, role, watchRole] = await Promise.all(
    ['param:hub', 'param:organization', 'param:externalId', 'self:custom.names.member', 'self:custom.names.memberWatch'].map(
      resolveVariable,
    ),
  );
  if (hub !== 'on') return { role: '', watchRole: '', externalId: '' };
  return { role, watchRole, externalId: externalId === '' ? organization : externalId };
};
