import { describe, expect, test } from '@jest/globals';
import { describeChange } from '../../shared/model/change.ts';
import { change } from './examples.ts';

describe('a change in words', () => {
  test.each([
    [change({}), 'alice called ec2:StopInstances at 11:58:00, from 203.0.113.10 with aws-cli/2.15.0'],
    [
      change({ via: 'cloudformation.amazonaws.com', from: 'cloudformation.amazonaws.com', agent: 'cloudformation.amazonaws.com' }),
      'alice called ec2:StopInstances at 11:58:00 through cloudformation.amazonaws.com',
    ],
    [
      change({ from: null, agent: null, error: 'Client.UnauthorizedOperation' }),
      'alice called ec2:StopInstances at 11:58:00, which failed: Client.UnauthorizedOperation',
    ],
  ])('%#', (one, text) => {
    expect(describeChange(one)).toBe(text);
  });
});
