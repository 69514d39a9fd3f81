import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GetKeyPolicyCommand,
  ListAliasesCommand,
  ListGrantsCommand,
  ListKeysCommand,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { describe, expect, test } from '@jest/globals';
import { createWorld } from '../../src/core/world.ts';
import { createKms } from '../../src/services/kms/index.ts';
import { createGateway } from '../../src/wire/gateway.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';

const day = 24 * 3600_000;
const somebody = 'arn:aws:iam::123456789012:user/ana';
const selfheal = 'arn:aws:iam::123456789012:user/selfheal';

const kmsWorld = async (policy?: object) => {
  const world = createWorld(worldOptions);
  const local = createKms(world, { withoutGrants: ['selfheal'] });
  const { handle } = createGateway(world, [local.service]);
  const { kms } = localClients(handle);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'disks', ...(policy && { Policy: JSON.stringify(policy) }) }));
  const KeyId = KeyMetadata?.KeyId ?? '';
  const arn = KeyMetadata?.Arn ?? '';
  return {
    world,
    local,
    kms,
    KeyId,
    arn,
    as: (accessKeyId: string) => localClients(handle, { accessKeyId }).kms,
    describe: async (id = KeyId) => (await kms.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata,
    advance: (milliseconds: number) => world.clock.advanceTo(world.clock.now() + milliseconds),
  };
};

const statement = (Principal: object | string, more: object = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*', ...more }],
});

// https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
describe('a key', () => {
  test('is described by id, ARN, alias and the ARN of an alias', async () => {
    const { kms, KeyId, arn, describe } = await kmsWorld();
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/disks', TargetKeyId: KeyId }));
    for (const id of [KeyId, arn, 'alias/disks', 'arn:aws:kms:us-east-1:123456789012:alias/disks'])
      expect(await describe(id)).toMatchObject({
        KeyId,
        Arn: arn,
        AWSAccountId: '123456789012',
        KeyManager: 'CUSTOMER',
        KeyState: 'Enabled',
        Enabled: true,
        Description: 'disks',
        KeyUsage: 'ENCRYPT_DECRYPT',
      });
    expect(arn).toBe(`arn:aws:kms:us-east-1:123456789012:key/${KeyId}`);
  });

  test.each([
    ['an id', '1234abcd-12ab-34cd-56ef-1234567890ab'],
    ['an alias', 'alias/none'],
    ['an ARN of another account', 'arn:aws:kms:us-east-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab'],
    ['an ARN that is no key', 'arn:aws:kms:us-east-1:123456789012:1234abcd-12ab-34cd-56ef-1234567890ab'],
    ['nonsense', '../key'],
    ['the property of an object', '__proto__'],
  ])('that is not there is refused: %s', async (_, id) => {
    const { describe } = await kmsWorld();
    expect(await refusal(describe(id))).toMatchObject({ code: 'NotFoundException', status: 400 });
  });

  test("of AWS's own is there when EBS needs it, and nobody can change it", async () => {
    const { kms, describe, local } = await kmsWorld();
    expect(await describe('alias/aws/ebs')).toMatchObject({ KeyManager: 'AWS', KeyState: 'Enabled', Arn: local.ebsKeyArn() });
    const KeyId = local.ebsKeyArn();
    expect(await refusal(kms.send(new DisableKeyCommand({ KeyId })))).toMatchObject({ code: 'AccessDeniedException', status: 400 });
    expect(await refusal(kms.send(new ScheduleKeyDeletionCommand({ KeyId })))).toMatchObject({ code: 'AccessDeniedException' });
    expect(local.letsAttach(KeyId, selfheal)).toBe(true);
  });

  // https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
  test('is disabled and enabled, scheduled for deletion and kept', async () => {
    const { kms, KeyId, arn, describe, advance, local } = await kmsWorld();
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect(await describe()).toMatchObject({ KeyState: 'Disabled', Enabled: false });
    expect(local.isEnabled(arn)).toBe(false);
    await kms.send(new EnableKeyCommand({ KeyId }));
    expect(await describe()).toMatchObject({ KeyState: 'Enabled', Enabled: true });
    const scheduled = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(scheduled).toMatchObject({ KeyId: arn, KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
    expect(await describe()).toMatchObject({ KeyState: 'PendingDeletion', Enabled: false, DeletionDate: scheduled.DeletionDate });
    for (const Command of [EnableKeyCommand, DisableKeyCommand, ScheduleKeyDeletionCommand])
      expect(await refusal(kms.send(new Command({ KeyId })))).toMatchObject({ code: 'KMSInvalidStateException', status: 400 });
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect(await describe()).toMatchObject({ KeyState: 'Disabled' });
    expect(await refusal(kms.send(new CancelKeyDeletionCommand({ KeyId })))).toMatchObject({ code: 'KMSInvalidStateException' });
    advance(30 * day);
    expect(await describe()).toMatchObject({ KeyState: 'Disabled' });
  });

  test('is gone with its aliases once its time has come', async () => {
    const { kms, KeyId, describe, advance, local, arn } = await kmsWorld();
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/disks', TargetKeyId: KeyId }));
    expect(await refusal(kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 6 })))).toMatchObject({
      code: 'ValidationException',
    });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
    advance(29 * day);
    expect(await describe()).toMatchObject({ KeyState: 'PendingDeletion' });
    advance(day);
    expect(await refusal(describe())).toMatchObject({ code: 'NotFoundException' });
    expect(await refusal(describe('alias/disks'))).toMatchObject({ code: 'NotFoundException' });
    expect(local.isEnabled(arn)).toBe(false);
  });

  test('of a kind that is not served is refused', async () => {
    const { kms } = await kmsWorld();
    for (const input of [{ KeySpec: 'RSA_2048' }, { KeyUsage: 'SIGN_VERIFY' }, { MultiRegion: true }, { Origin: 'EXTERNAL' }] as const)
      expect(await refusal(kms.send(new CreateKeyCommand(input)))).toMatchObject({ code: 'UnsupportedOperationException' });
  });

  test('is listed page by page', async () => {
    const { kms } = await kmsWorld();
    for (let i = 0; i < 4; i++) await kms.send(new CreateKeyCommand({}));
    const found: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const answer = await kms.send(new ListKeysCommand({ Limit: 2, ...(Marker && { Marker }) }));
      expect(answer.Truncated).toBe(answer.NextMarker !== undefined);
      found.push(...(answer.Keys ?? []).map(({ KeyId }) => KeyId));
      Marker = answer.NextMarker;
    } while (Marker);
    expect(new Set(found).size).toBe(5);
    expect(found).toHaveLength(5);
    expect(await refusal(kms.send(new ListKeysCommand({ Marker: 'x' })))).toMatchObject({ code: 'InvalidMarkerException' });
    expect(await refusal(kms.send(new ListKeysCommand({ Limit: 0 })))).toMatchObject({ code: 'ValidationException' });
  });
});

// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
describe('an alias', () => {
  test('is listed, by its key too, and deleted', async () => {
    const { kms, KeyId, local } = await kmsWorld();
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/disks', TargetKeyId: KeyId }));
    local.ebsKeyArn();
    const { Aliases } = await kms.send(new ListAliasesCommand({}));
    expect(Aliases?.map(({ AliasName }) => AliasName)).toEqual(['alias/disks', 'alias/aws/ebs']);
    const own = await kms.send(new ListAliasesCommand({ KeyId }));
    expect(own.Aliases).toMatchObject([{ AliasName: 'alias/disks', TargetKeyId: KeyId }]);
    await kms.send(new DeleteAliasCommand({ AliasName: 'alias/disks' }));
    expect((await kms.send(new ListAliasesCommand({ KeyId }))).Aliases).toEqual([]);
  });

  test.each([
    ['alias/aws/mine', 'InvalidAliasNameException'],
    ['disks', 'InvalidAliasNameException'],
    ['alias/taken', 'AlreadyExistsException'],
  ])('is refused: %s', async (AliasName, code) => {
    const { kms, KeyId } = await kmsWorld();
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/taken', TargetKeyId: KeyId }));
    expect(await refusal(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId })))).toMatchObject({ code, status: 400 });
  });
});

// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
describe('the right to create grants', () => {
  const grant = (KeyId: string, GranteePrincipal: string) =>
    new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['CreateGrant', 'Decrypt'] });

  test('comes from the policies of the account, which leave selfheal out until they name the key', async () => {
    const { local, as, KeyId, arn } = await kmsWorld();
    expect(local.letsAttach(arn, somebody)).toBe(true);
    expect(local.letsAttach(arn, selfheal)).toBe(false);
    expect(await refusal(as('selfheal').send(grant(KeyId, somebody)))).toMatchObject({ code: 'AccessDeniedException', status: 400 });
    const takeBack = local.permitGrants('selfheal', KeyId);
    expect(local.letsAttach(arn, selfheal)).toBe(true);
    await as('selfheal').send(grant(KeyId, somebody));
    takeBack();
    expect(local.letsAttach(arn, selfheal)).toBe(false);
  });

  test('comes from a grant as well, until it is revoked', async () => {
    const { kms, local, KeyId, arn } = await kmsWorld();
    const { GrantId } = await kms.send(grant(KeyId, selfheal));
    expect(local.letsAttach(arn, selfheal)).toBe(true);
    const { Grants } = await kms.send(new ListGrantsCommand({ KeyId }));
    expect(Grants).toMatchObject([{ GrantId, GranteePrincipal: selfheal, KeyId: arn, Operations: ['CreateGrant', 'Decrypt'] }]);
    expect((await kms.send(new ListGrantsCommand({ KeyId, GranteePrincipal: somebody }))).Grants).toEqual([]);
    await kms.send(new RevokeGrantCommand({ KeyId, GrantId }));
    expect(local.letsAttach(arn, selfheal)).toBe(false);
  });

  test('that EC2 uses may be for grants of AWS resources through EC2 alone', async () => {
    const Condition = { Bool: { 'kms:GrantIsForAWSResource': true }, StringEquals: { 'kms:ViaService': 'ec2.us-east-1.amazonaws.com' } };
    const { local, as, KeyId, arn } = await kmsWorld(statement({ AWS: selfheal }, { Action: ['kms:CreateGrant'], Condition }));
    expect(local.letsAttach(arn, selfheal)).toBe(true);
    expect(await refusal(as('selfheal').send(grant(KeyId, somebody)))).toMatchObject({ code: 'AccessDeniedException' });
  });

  const through = (service: string) => ({ StringEquals: { 'kms:ViaService': service } });
  test.each<[string, object, boolean, boolean]>([
    ['for AWS resources', { Bool: { 'kms:GrantIsForAWSResource': 'true' } }, true, false],
    ['for what is no AWS resource', { Bool: { 'kms:GrantIsForAWSResource': 'false' } }, false, true],
    ['through EC2', through('ec2.us-east-1.amazonaws.com'), true, false],
    ['through another service', through('rds.us-east-1.amazonaws.com'), false, false],
    ['through EC2 of another region', through('ec2.eu-west-1.amazonaws.com'), false, false],
    ['by this account', { StringEquals: { 'kms:CallerAccount': '123456789012' } }, true, true],
    ['by another account', { StringEquals: { 'kms:CallerAccount': '999999999999' } }, false, false],
    ['on behalf of a source that none of them has', { StringEquals: { 'aws:SourceAccount': '123456789012' } }, false, false],
  ])('follows a condition: %s', async (_, Condition, attaches, itself) => {
    const { local, as, KeyId, arn } = await kmsWorld(statement({ AWS: selfheal }, { Action: 'kms:CreateGrant', Condition }));
    expect(local.letsAttach(arn, selfheal)).toBe(attaches);
    const direct = as('selfheal').send(grant(KeyId, somebody));
    if (itself) await direct;
    else expect(await refusal(direct)).toMatchObject({ code: 'AccessDeniedException' });
  });

  test.each<[string, object, boolean, boolean]>([
    ['the account', { AWS: 'arn:aws:iam::123456789012:root' }, true, false],
    ['another account', { AWS: '999999999999' }, false, false],
    ['selfheal by name', { AWS: [selfheal] }, false, true],
    ['everybody', { AWS: '*' }, true, true],
  ])('follows a key policy that names %s', async (_, principal, forSomebody, forSelfheal) => {
    const { local, arn } = await kmsWorld(statement(principal));
    expect([local.letsAttach(arn, somebody), local.letsAttach(arn, selfheal)]).toEqual([forSomebody, forSelfheal]);
  });

  test('is taken away by a refusal, whatever else permits it', async () => {
    const { kms, local, KeyId, arn } = await kmsWorld();
    local.permitGrants('selfheal', KeyId);
    await kms.send(grant(KeyId, selfheal));
    const { Statement } = JSON.parse((await kms.send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? '');
    const deny = { Effect: 'Deny', Principal: { AWS: selfheal }, Action: 'kms:Create*', Resource: '*' };
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: JSON.stringify({ Statement: [...Statement, deny] }) }));
    expect(local.letsAttach(arn, selfheal)).toBe(false);
    expect(local.letsAttach(arn, somebody)).toBe(true);
  });

  test('is no use with a key that is disabled or on its way out', async () => {
    const { kms, local, KeyId, arn } = await kmsWorld();
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect(local.letsAttach(arn, somebody)).toBe(false);
    expect(await refusal(kms.send(grant(KeyId, somebody)))).toMatchObject({ code: 'DisabledException', status: 400 });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
    expect(local.letsAttach(arn, somebody)).toBe(false);
    expect(await refusal(kms.send(grant(KeyId, somebody)))).toMatchObject({ code: 'KMSInvalidStateException' });
  });

  test('is needed to look at a key, too, where its policy names others alone', async () => {
    const { as, KeyId } = await kmsWorld(statement({ AWS: somebody }));
    expect(await refusal(as('selfheal').send(new DescribeKeyCommand({ KeyId })))).toMatchObject({
      code: 'AccessDeniedException',
      status: 400,
    });
    expect((await as('ana').send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyId).toBe(KeyId);
  });

  test.each([
    ['no JSON', '{'],
    ['an unknown condition', JSON.stringify(statement('*', { Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } }))],
    [
      'a principal left out',
      JSON.stringify({ Statement: [{ Effect: 'Allow', NotPrincipal: { AWS: somebody }, Action: '*', Resource: '*' }] }),
    ],
    ['a wildcard within an action', JSON.stringify(statement('*', { Action: 'kms:*Grant' }))],
    ['another resource', JSON.stringify(statement('*', { Resource: 'arn:aws:kms:us-east-1:123456789012:key/x' }))],
  ])('is refused where a policy can not be judged by: %s', async (_, Policy) => {
    const { kms, KeyId } = await kmsWorld();
    expect(await refusal(kms.send(new PutKeyPolicyCommand({ KeyId, Policy })))).toMatchObject({
      code: 'MalformedPolicyDocumentException',
      status: 400,
    });
  });
});
