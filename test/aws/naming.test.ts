import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import { classifyError, explain, isDenied } from '../../shared/aws/call.ts';
import { recordingClients, sdkError } from './recorder.ts';

test('an error says which call it is of, as IAM names it', async () => {
  const { clients } = recordingClients(() => sdkError('UnauthorizedOperation', 403));
  const denied = await clients.ec2.send(new RebootInstancesCommand({ InstanceIds: [] })).catch(classifyError);
  expect(denied).toMatchObject({ kind: 'refused', call: 'ec2:RebootInstances' });
  expect(explain(denied as ReturnType<typeof classifyError>)).toBe('ec2:RebootInstances: UnauthorizedOperation: words');
  // Signed for `monitoring`, and called otherwise in policies.
  expect(await clients.cloudWatch.send(new DescribeAlarmsCommand({})).catch(classifyError)).toMatchObject({
    call: 'cloudwatch:DescribeAlarms',
  });
});

test.each([
  ['UnauthorizedOperation', 403, true],
  ['AccessDenied', 403, true],
  ['AccessDeniedException', 400, true],
  ['IncorrectInstanceState', 400, false],
  ['RequestLimitExceeded', 503, false],
  ['AccessDenied', 500, false],
])('%s with %i is a missing permission: %s', (code, status, denied) => {
  expect(isDenied(classifyError(sdkError(code, status)))).toBe(denied);
});
