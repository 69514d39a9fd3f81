import { type ContextEntry, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { expect, test } from '@jest/globals';
import { createLocalAws } from '../../src/local-aws.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';
import { allow, policy, trusting } from '../organization/setup.ts';

const instance = 'arn:aws:ec2:us-east-1:123456789012:instance/i-1';
const deny = (Action: string) => ({ Effect: 'Deny', Action, Resource: '*' });
const isOn = { StringEquals: { 'aws:ResourceTag/selfheal': 'on' } };
const tagged = (value: string): ContextEntry[] => [
  { ContextKeyName: 'AWS:ResourceTag/selfheal', ContextKeyType: 'string', ContextKeyValues: [value] },
];

const asked = async (statements: object[], boundary?: object) => {
  const aws = createLocalAws(worldOptions);
  const trust = trusting({ Service: 'lambda.amazonaws.com' });
  const PolicySourceArn = aws.iam.putRole({ name: 'r', trust, policies: { p: policy(...statements) }, ...(boundary && { boundary }) });
  const { iam } = localClients(aws.handle);
  return async (ActionNames: string[], ResourceArns?: string[], ContextEntries?: ContextEntry[]) => {
    const { EvaluationResults = [] } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn,
        ActionNames,
        ...(ResourceArns ? { ResourceArns } : {}),
        ...(ContextEntries ? { ContextEntries } : {}),
      }),
    );
    return EvaluationResults.map((one) => [
      one.EvalActionName,
      one.EvalDecision,
      one.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
    ]);
  };
};

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
test('a simulation says of each call what the policies of a role say', async () => {
  const ask = await asked([allow(['ec2:*'], instance, isOn), allow('sns:Publish'), deny('ec2:StopInstances')]);
  const calls = ['ec2:RebootInstances', 'ec2:StopInstances', 'sns:Publish', 'sqs:SendMessage'];
  expect(await ask(calls, [instance], tagged('on'))).toEqual([
    ['ec2:RebootInstances', 'allowed', undefined],
    ['ec2:StopInstances', 'explicitDeny', undefined],
    ['sns:Publish', 'allowed', undefined],
    ['sqs:SendMessage', 'implicitDeny', undefined],
  ]);
  expect((await ask(['ec2:RebootInstances'], [instance], tagged('off')))[0]?.[1]).toBe('implicitDeny');
  // A key that isn't given isn't there.
  expect((await ask(['ec2:RebootInstances'], [instance]))[0]?.[1]).toBe('implicitDeny');
  expect((await ask(['ec2:RebootInstances'], ['*'], tagged('on')))[0]?.[1]).toBe('implicitDeny');
});

test('a simulation says where it is the boundary that refuses', async () => {
  const ask = await asked([allow('ec2:*'), allow('sns:*')], policy(allow('sns:*'), deny('sns:DeleteTopic')));
  expect(await ask(['sns:Publish', 'sns:DeleteTopic', 'ec2:RebootInstances'])).toEqual([
    ['sns:Publish', 'allowed', true],
    ['sns:DeleteTopic', 'explicitDeny', false],
    ['ec2:RebootInstances', 'implicitDeny', false],
  ]);
});

test('a simulation of what is no action, of nobody, and by what is not looked at here is refused', async () => {
  const ask = await asked([allow('ec2:*')]);
  await expect(ask(['reboot'])).rejects.toMatchObject({ name: 'InvalidInputException' });
  const { iam } = localClients(createLocalAws(worldOptions).handle);
  const of = (more: object) =>
    refusal(
      iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: 'arn:aws:iam::123456789012:role/r',
          ActionNames: ['ec2:RebootInstances'],
          ...more,
        }),
      ),
    );
  expect(await of({})).toMatchObject({ code: 'NoSuchEntityException' });
  expect(await of({ CallerArn: 'arn:aws:iam::123456789012:user/u' })).toMatchObject({
    message: expect.stringContaining('without CallerArn'),
  });
});
