'use strict';

/**
 * The condition under which IAM lets an instance or a group be changed: the opt-in tag. A file of code, since variables stand in the values
 * of the template and never in its keys, and here the tag's name is part of a key.
 */
module.exports = async ({ resolveVariable }) => {
  const [key, value] = [await resolveVariable('param:optInTag'), await resolveVariable('param:optInValue')];
  return {
    instances: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
    groups: { StringEquals: { [`autoscaling:ResourceTag/${key}`]: value } },
  };
};
