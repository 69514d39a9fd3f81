import { expect, test } from '@jest/globals';
import { findScenario, loadScenario } from '../../local/worlds/library.ts';
import { playScenario } from '../../local/worlds/play.ts';

/** What intake was told of alarms of the member, and by which way: the same alarm may come by both. */
const waysOf = async (name: string) => {
  const found = findScenario(name);
  const read = 'file' in found ? loadScenario(found.file) : { problems: [found.problem] };
  if ('problems' in read) throw new Error(read.problems.join());
  const ways: string[] = [];
  const { outcomes } = await playScenario(read.scenario, {
    onEvent: (event) => {
      const { Records: [record] = [], 'detail-type': detailType } = event as {
        Records?: { Sns: { TopicArn: string; Message: string } }[];
        'detail-type'?: string;
      };
      if (record && JSON.parse(record.Sns.Message).NewStateValue === 'ALARM') ways.push(record.Sns.TopicArn);
      if (detailType === 'CloudWatch Alarm State Change') ways.push('bus');
    },
  });
  return { ways: ways.sort(), incidents: outcomes.length };
};

test.each([
  ['member-topic', ['arn:aws:sns:eu-west-1:222222222222:selfheal-local-member-alarms']],
  ['member-topic-and-bus', ['arn:aws:sns:us-east-1:333333333333:selfheal-local-member-alarms', 'bus']],
])('in the scenario %s an alarm comes by %j, and makes one incident', async (scenario, ways) => {
  expect(await waysOf(scenario)).toEqual({ ways, incidents: 1 });
});
