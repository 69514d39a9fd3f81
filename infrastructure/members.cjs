'use strict';

const { topicsOf } = require('./member-topics.cjs');

/**
 * What a hub's functions need to know of members: the names of their roles, up to the region, the external id that these ask for, and whose topics
 * are listened to, or `none`. All empty unless `hub` is on.
 */
module.exports = async ({ resolveVariable }) => {
  const [hub, organization, externalId, memberTopics, role, watchRole] = await Promise.all(
    [
      'param:hub',
      'param:organization',
      'param:externalId',
      'param:memberTopics',
      'self:custom.names.member',
      'self:custom.names.memberWatch',
    ].map(resolveVariable),
  );
  if (hub !== 'on') return { role: '', watchRole: '', externalId: '', topics: '' };
  const topics = topicsOf(memberTopics).map(({ account, region }) => `${account}:${region}`);
  return { role, watchRole, externalId: externalId === '' ? organization : externalId, topics: topics.join(',') || 'none' };
};
