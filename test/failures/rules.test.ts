import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { classify } from '../../shared/failures/classify.ts';
import { matchesGlob, parseClassification, readClassification, ruleFor } from '../../shared/failures/rules.ts';
import { classificationRulesSchema, noRules, rulesOf } from '../../shared/model/classification-rules.ts';
import { policySchema } from '../../shared/model/policy.ts';
import { parsePolicy, wholePolicySchema } from '../../shared/policy/read-policy.ts';
import { decode } from '../../shared/signals/decode.ts';
import { type Alarm, alarm, alarmEvent, instanceId, message, otherInstanceId } from '../signals/fixtures.ts';

const rule = {
  namespace: 'Shop',
  metric: 'Sessions',
  failure: 'load-saturated',
  direction: 'above',
  subject: { type: 'group', dimension: 'Fleet' },
  playbook: 'scale-out',
};
const told = (parts: Partial<Alarm> = {}) => alarm({ namespace: 'Shop', metric: 'Sessions', dimensions: { Fleet: 'web' }, ...parts });

/** The verdict on an event under one rule. */
const under = (parts: object, value: unknown, tags: Record<string, string> = {}) => {
  const rules = rulesOf(policySchema.parse({ classification: { alarms: [{ ...rule, ...parts }] } }));
  const [signal] = decode(value).signals;
  if (signal === undefined) throw new Error('no signal');
  return classify('watches' in signal ? { ...signal, alarmTags: { ...signal.alarmTags, ...tags } } : signal, rules);
};

describe('rules of the policy', () => {
  test('teach what a metric of the user means, in any shape', () => {
    for (const shape of [message(told()), alarmEvent(told())]) {
      expect(under({}, shape)).toMatchObject({
        failure: 'load-saturated',
        disposition: 'remediate',
        playbook: 'scale-out',
        resource: { type: 'group', id: 'web' },
      });
    }
  });

  test('without a playbook they only name the failure', () => {
    expect(under({ playbook: undefined }, message(told()))).toMatchObject({
      failure: 'load-saturated',
      disposition: 'escalate',
      playbook: null,
      resource: { type: 'group', id: 'web' },
    });
  });

  test.each([
    [{ metric: 'Other' }],
    [{ namespace: 'Elsewhere' }],
    [{ dimensions: { Fleet: 'other' } }],
    [{ metric: undefined, alarm: 'web-*' }],
    [{ tag: { key: 'team' } }],
    [{ tag: { key: 'constructor' } }],
  ])('%j does not match', (parts) => {
    expect(under(parts, message(told()))).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
  });

  test.each([
    [{ dimensions: { Fleet: 'web' } }, {}],
    [{ metric: undefined, namespace: undefined, alarm: 'an-*' }, {}],
    [{ metric: undefined, tag: { key: 'selfheal', value: 'sessions' } }, { selfheal: 'sessions' }],
    [{ tag: { key: 'selfheal' } }, { selfheal: 'anything' }],
  ])('%j matches', (parts, tags) => {
    expect(under(parts, message(told()), tags)).toMatchObject({ disposition: 'remediate', playbook: 'scale-out' });
  });

  describe('whose missing data is the signal', () => {
    const silent = {
      ...message(told({ direction: 'below' })),
      NewStateReason: 'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].',
    };
    const parts = { direction: 'below' };

    test('are a failure, which the live look has to confirm', () => {
      const verdict = under({ ...parts, missing: 'is-the-signal' }, silent);
      expect(verdict).toMatchObject({ disposition: 'remediate', playbook: 'scale-out', evidence: { missing: 'is-the-signal' } });
    });

    test('are left to a person where the rule does not say so', () => {
      expect(under(parts, silent)).toMatchObject({ disposition: 'escalate', reason: expect.stringContaining('there were no datapoints') });
    });
  });

  describe('in the tags of an alarm', () => {
    const tagged = (tags: Record<string, string>, alarmTags: 'on' | 'off' = 'on') => {
      const event = alarmEvent(told());
      (event.detail as Record<string, unknown>).alarmTags = tags;
      const [signal] = decode(event).signals;
      if (!signal) throw new Error('no signal');
      return classify(signal, rulesOf(policySchema.parse({ classification: { alarmTags } })));
    };
    const tags = { 'selfheal:failure': 'application-down', 'selfheal:subject': instanceId, 'selfheal:playbook': 'restart-application' };

    test('say the failure, its subject and its playbook, where the policy lets them', () => {
      const said = { failure: 'application-down', resource: { type: 'instance', id: instanceId }, playbook: 'restart-application' };
      expect(tagged(tags)).toMatchObject({ ...said, disposition: 'remediate' });
      expect(tagged(tags, 'off')).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
      expect(tagged({ ...tags, 'selfheal:subject': `instance/${instanceId}` })).toMatchObject(said);
    });

    test('give a class without a remedy to a person', () => {
      const { 'selfheal:playbook': _, ...rest } = tags;
      expect(tagged(rest)).toMatchObject({ failure: 'application-down', disposition: 'escalate', playbook: null });
    });

    test.each([
      ['selfheal:failure', 'application-donw', 'names no failure class'],
      ['selfheal:failure', 'constructor', 'names no failure class'],
      ['selfheal:subject', 'web-1', 'names no resource'],
      ['selfheal:subject', 'database/../x y', 'names no resource'],
      ['selfheal:playbook', 'reboot-everything', 'there is no playbook reboot-everything'],
      ['selfheal:playbook', 'toString', 'there is no playbook toString'],
      ['selfheal:playbook', 'reboot-database', 'databases.reboot in the policy is off'],
    ])('are named where one cannot be followed: %s=%s', (key, value, why) => {
      const verdict = tagged({ ...tags, [key]: value });
      expect(verdict).toMatchObject({ disposition: 'escalate', playbook: null });
      expect(verdict.reason).toContain(`${key}=${value}`);
      expect(verdict.reason).toContain(why);
    });

    test('choose no playbook of the policy for a class that it is not for', () => {
      const event = alarmEvent(told());
      (event.detail as Record<string, unknown>).alarmTags = { ...tags, 'selfheal:playbook': 'start-again' };
      const [signal] = decode(event).signals;
      if (!signal) throw new Error('no signal');
      const own = {
        ...{ id: 'start-again', summary: 'Start it again.', failing: ['status-checks-pass'], healthy: ['status-checks-pass'] },
        steps: [{ do: 'start-instance', healthy: ['status-checks-pass'] }],
      };
      const verdictOf = (treats: string[]) =>
        classify(signal, rulesOf(policySchema.parse({ classification: { alarmTags: 'on' }, customPlaybooks: [{ ...own, treats }] })));
      expect(verdictOf(['application-down'])).toMatchObject({ disposition: 'remediate', playbook: 'start-again' });
      const verdict = verdictOf(['instance-stopped']);
      expect(verdict).toMatchObject({ disposition: 'escalate', playbook: null });
      expect(verdict.reason).toContain("it doesn't treat application-down");
    });

    test('do not make a playbook act on what it does not treat', () => {
      expect(tagged({ ...tags, 'selfheal:playbook': 'scale-out', 'selfheal:subject': 'queue/orders' })).toMatchObject({
        disposition: 'escalate',
      });
    });
  });

  test('tags that the event carries count', () => {
    const tagged = alarmEvent(told());
    (tagged.detail as Record<string, unknown>).alarmTags = { selfheal: 'sessions' };
    expect(under({ tag: { key: 'selfheal', value: 'sessions' } }, tagged).disposition).toBe('remediate');
    expect(under({ tag: { key: 'selfheal', value: 'other' } }, tagged).disposition).toBe('escalate');
  });

  test('may map a queue to the group that works on it', () => {
    const queue = alarm({ namespace: 'AWS/SQS', metric: 'ApproximateAgeOfOldestMessage', dimensions: { QueueName: 'orders' } });
    const parts = { namespace: 'AWS/SQS', metric: queue.metric, failure: 'queue-backlog', subject: { type: 'group', id: 'workers' } };
    expect(under({ ...parts, dimensions: { QueueName: 'orders' } }, message(queue))).toMatchObject({
      failure: 'queue-backlog',
      disposition: 'remediate',
      playbook: 'scale-out',
      resource: { type: 'group', id: 'workers' },
    });
    expect(under({ ...parts, dimensions: { QueueName: 'other' } }, message(queue))).toMatchObject({
      disposition: 'escalate',
      resource: { type: 'queue', id: 'orders' },
    });
  });

  test('hold for their own direction only', () => {
    expect(under({}, message(told({ direction: 'below' })))).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
    expect(under({ direction: 'below' }, message(told({ direction: 'below' })))).toMatchObject({ disposition: 'remediate' });
  });

  test('can not make a malformed, a missing or an ambiguous subject actionable', () => {
    for (const value of ['a b', '', 'x'.repeat(300), 'web\u202e']) {
      expect(under({}, message(told({ dimensions: { Fleet: value } })))).toMatchObject({
        failure: 'load-saturated',
        disposition: 'escalate',
        resource: { type: 'alarm' },
      });
    }
    expect(under({}, message(told({ dimensions: { fleet: 'web' } })))).toMatchObject({ disposition: 'escalate' });
    const twice = message(told()) as { Trigger: Record<string, unknown> };
    twice.Trigger.Dimensions = [
      { name: 'Fleet', value: 'web' },
      { name: 'Fleet', value: 'api' },
    ];
    expect(under({}, twice)).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
    twice.Trigger.Dimensions = [instanceId, otherInstanceId].map((value) => ({ name: 'InstanceId', value }));
    expect(under({ subject: { type: 'group', id: 'web' } }, twice)).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
  });

  test('can not make missing data, an OK, a mute or a composite alarm actionable', () => {
    const silent = {
      ...message(told()),
      NewStateReason: 'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].',
    };
    expect(under({}, silent).disposition).toBe('escalate');
    expect(under({}, message(told({ state: 'OK' }))).disposition).toBe('ignore');
    expect(under({}, { ...message(told()), MuteDetail: {} }).disposition).toBe('ignore');
    expect(under({ metric: undefined, namespace: undefined, alarm: '*' }, { ...message(told()), AlarmRule: 'ALARM(a)' })).toMatchObject({
      failure: 'unclassified',
      disposition: 'escalate',
    });
  });

  test('a rule for one metric says nothing of an alarm that mixes it with another', () => {
    const mixed = message(told()) as { Trigger: Record<string, unknown> };
    const item = (MetricName: string) => ({
      MetricStat: { Metric: { Namespace: 'Shop', MetricName, Dimensions: [{ name: 'Fleet', value: 'web' }] } },
    });
    mixed.Trigger = {
      ComparisonOperator: 'GreaterThanThreshold',
      Metrics: [{ Expression: 'SUM(METRICS())' }, item('Sessions'), item('Visits')],
    };
    expect(under({}, mixed)).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
  });

  test('a match on the name alone needs every metric to be the same subject', () => {
    const mixed = message(told()) as { Trigger: Record<string, unknown> };
    const item = (value: string) => ({
      MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Sessions', Dimensions: [{ name: 'Fleet', value }] } },
    });
    mixed.Trigger = { ComparisonOperator: 'GreaterThanThreshold', Metrics: [{ Expression: 'SUM(METRICS())' }, item('web'), item('api')] };
    expect(under({ metric: undefined, alarm: 'an-alarm' }, mixed)).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
  });

  test.each([
    [{ metric: undefined }, 'a rule needs a metric, an alarm or a tag'],
    [{ playbook: 'recover-host' }, 'playbook'],
    [{ subject: { type: 'group', id: 'a b' } }, 'subject'],
    [{ subject: { type: 'group' } }, 'subject'],
    [{ subject: { type: 'group', id: 'web', dimension: 'Fleet' } }, 'subject'],
    [{ direction: 'sideways' }, 'direction'],
    [{ failure: 'broken' }, 'failure'],
    [{ playbook: 'reboot-everything' }, 'playbook'],
    [{ surprise: true }, 'surprise'],
  ])('a policy with %j is refused', (parts, says) => {
    const result = wholePolicySchema.safeParse({ classification: { alarms: [{ ...rule, ...parts }] } });
    expect(result.success).toBe(false);
    expect(JSON.stringify(result.error?.issues)).toContain(says);
  });

  test('an empty policy has no rules', () => {
    expect(classificationRulesSchema.parse({})).toEqual({ alarms: [], alarmTags: 'off', spotRebalance: 'ignore' });
  });
});

describe('ruleFor', () => {
  const subject = { type: 'group', dimension: 'Fleet' };
  const elsewhere = { metric: 'Orders', failure: 'disk-full', direction: 'above', subject };
  const ofMetric = { metric: 'Sessions', failure: 'load-saturated', direction: 'above', subject };
  const ofAlarm = { alarm: '*', failure: 'agent-lost', direction: 'above', subject };
  const first = (...alarms: object[]) => {
    const rules = rulesOf(policySchema.parse({ classification: { alarms } }));
    return decode(message(told())).signals.map((signal) => 'watches' in signal && ruleFor(signal, rules)?.failure);
  };

  test('gives the first that matches, whether or not it names the metric', () => {
    expect(first(elsewhere, ofMetric, ofAlarm, ofMetric)).toEqual(['load-saturated']);
    expect(first(elsewhere, ofAlarm, ofMetric)).toEqual(['agent-lost']);
    expect(first(ofAlarm)).toEqual(['agent-lost']);
    expect(first({ ...ofAlarm, alarm: 'other' }, ofMetric)).toEqual(['load-saturated']);
    expect(first({ ...ofMetric, dimensions: { Fleet: 'other' } }, ofAlarm)).toEqual(['agent-lost']);
  });

  test('gives none where none matches', () => {
    expect(first(elsewhere)).toEqual([undefined]);
    expect(first()).toEqual([undefined]);
  });
});

describe('matchesGlob', () => {
  test.each([
    ['web', 'web', true],
    ['web', 'web-1', false],
    ['web-*', 'web-1', true],
    ['*-cpu', 'web-cpu', true],
    ['web-*-cpu', 'web-1-cpu', true],
    ['web-*-cpu', 'web-cpu', false],
    ['*', '', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'acb', false],
    ['a*b*bc', 'a-bc', false],
    ['**', 'x', true],
    ['a.c', 'abc', false],
  ])('%s against %s: %s', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });

  test('agrees with a regular expression of the same meaning', () => {
    const piece = fc.stringMatching(/^[ab*]{0,8}$/);
    fc.assert(
      fc.property(piece, fc.stringMatching(/^[ab]{0,10}$/), (pattern, text) => {
        expect(matchesGlob(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll(/\*+/g, '.*')}$`).test(text));
      }),
    );
  });
});

describe('the part of a policy that intake reads', () => {
  test('is what the whole policy would give', () => {
    const given = { mode: 'off', classification: { spotRebalance: 'replace-ahead' } };
    for (const policy of ['', ' ', '{}', '{"mode":"off"}', JSON.stringify(given)]) {
      expect(parseClassification(policy)).toEqual(rulesOf(parsePolicy(policy)));
    }
  });

  test.each([
    ['{', /^policy: not JSON: /],
    ['[]', /^policy: \(root\): /],
    ['{"classification":{"alarms":[{}]}}', /^policy: classification\.alarms\.0\./],
    ['{"classification":{"spotRebalance":"maybe"}}', /^policy: classification\.spotRebalance: /],
  ])('refuses %s, and says where', (policy, message) => {
    expect(() => parseClassification(policy)).toThrow(message);
  });

  test.each(['{', '[]', '{"classification":{"spotRebalance":"maybe"}}', '{"classification":{"alarms":[{}]}}'])(
    'is none for a running function that meets %s, and it knows why',
    (policy) => {
      const { rules, problem } = readClassification(policy);
      expect(rules).toEqual(noRules);
      expect(problem).toMatch(/^the policy can't be used, so the default classification applies: policy: /);
    },
  );

  test('is all that a running function needs of it: it goes on with rules that can be used', () => {
    const policy = '{"budgt":{},"classification":{"spotRebalance":"replace-ahead"}}';
    expect(readClassification(policy)).toEqual({ rules: { ...noRules, spotRebalance: 'replace-ahead' } });
  });

  test('keeps the meaning of alarms where the remedies are unusable', () => {
    const { rules, problem } = readClassification(
      '{"playbooks":{"disk-full":"Shred it"},"classification":{"spotRebalance":"replace-ahead"}}',
    );
    expect(rules).toEqual({ ...noRules, spotRebalance: 'replace-ahead' });
    expect(problem).toMatch(/^the policy names no remedies that can be used: policy: playbooks\.disk-full: must be the id of a playbook/);
  });
});

describe('the storage of a database that fills up', () => {
  const fills = alarm({
    namespace: 'AWS/RDS',
    metric: 'FreeStorageSpace',
    dimensions: { DBInstanceIdentifier: 'orders' },
    direction: 'below',
  });
  const playbookIn = (given: object) => {
    const [signal] = decode(message(fills)).signals;
    if (!signal) throw new Error('no signal');
    const { disposition, playbook, reason } = classify(signal, rulesOf(policySchema.parse(given)));
    return { disposition, playbook, reason };
  };
  const clean = {
    commands: { clean: { document: 'Shop-Clean', version: '1' } },
    run: [{ command: 'clean', when: { failure: 'disk-full' } }],
  };
  const storage = { databases: { storage: { atMost: 500 } } };

  test('is grown where the policy names that, also next to what cleans the disks of instances', () => {
    expect(playbookIn({})).toMatchObject({ disposition: 'escalate', playbook: null, reason: expect.stringContaining('may be deleted') });
    expect(playbookIn(storage)).toMatchObject({ disposition: 'remediate', playbook: 'grow-storage' });
    expect(playbookIn({ ...storage, ...clean })).toMatchObject({ disposition: 'remediate', playbook: 'grow-storage' });
    expect(playbookIn(clean)).toMatchObject({ disposition: 'escalate' });
    expect(playbookIn({ ...storage, playbooks: { 'disk-full': 'none' } })).toMatchObject({ disposition: 'escalate' });
  });
});

test('a failover that failed is left to a person, unless the policy names failovers; a reboot is no remedy for it', () => {
  const told = JSON.parse(readFileSync(new URL('../../events/rds/cluster-failover-failed.json', import.meta.url), 'utf8')) as unknown;
  const playbookIn = (databases: object) => {
    const [signal] = decode(told).signals;
    if (!signal) throw new Error('no signal');
    return classify(signal, rulesOf(policySchema.parse({ databases })));
  };
  const left = { disposition: 'escalate', playbook: null, reason: expect.stringContaining('a person decides on a reboot or failover') };
  expect(playbookIn({})).toMatchObject(left);
  expect(playbookIn({ reboot: 'on' })).toMatchObject(left);
  expect(playbookIn({ reboot: 'on', failover: 'on' })).toMatchObject({ disposition: 'remediate', playbook: 'fail-over-cluster' });
});
