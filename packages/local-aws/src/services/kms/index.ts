import type { Kms } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import { type AccessOptions, createAccess } from './model/access.ts';
import { createKeys } from './model/keys.ts';
import { aliasOperations } from './operations/aliases.ts';
import { grantOperations } from './operations/grants.ts';
import { keyOperations } from './operations/keys.ts';

/** Key Management Service: keys, aliases, grants and who may use them; no cryptography. */
export const createKms = (world: World, options: AccessOptions = {}): Kms => {
  const keys = createKeys(world);
  const access = createAccess(world, keys, options);
  return {
    service: {
      signingName: 'kms',
      protocols: ['json'],
      targetPrefix: 'TrentService',
      missingParameter: 'ValidationException',
      operations: {
        ...keyOperations(world, keys, access),
        ...aliasOperations(keys, access),
        ...grantOperations(world, keys, access),
      },
    },
    ebsKeyArn: () => keys.ebsKey().arn,
    keyArn: (keyId) => keys.find(keyId)?.arn,
    isEnabled: (keyArn) => keys.find(keyArn)?.state === 'Enabled',
    letsAttach: (keyArn, principal) => {
      const key = keys.find(keyArn);
      return key?.state === 'Enabled' && access.may(key, principal, 'kms:CreateGrant', `ec2.${world.region}.amazonaws.com`);
    },
    place: (id, description) => keys.add('CUSTOMER', description, undefined, id).arn,
    permitGrants: (accessKey, keyId) => access.permitGrants(accessKey, keys.expect(keyId)),
  };
};
