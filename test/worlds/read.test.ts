import { describe, expect, test } from '@jest/globals';
import { readScenario } from '../../local/worlds/read.ts';
import { writeDuration } from '../../local/worlds/values.ts';
import { parseDuration } from '../../shared/model/duration.ts';

const good = `name: One
hypothesis: It works.
fleet:
  instances:
    web: { alarms: [instance] }
  groups:
    shop: { desired: 2, max: 3 }
timeline:
  - { at: +5m, do: hang-kernel, on: web }
expect:
  outcomes:
    - { resource: web, status: healed }
`;

const problems = (text: string): string[] => {
  const read = readScenario(text, 'one.yml');
  return 'problems' in read ? read.problems : [];
};

describe('a scenario', () => {
  test('is read, with its durations in seconds and its defaults', () => {
    const read = readScenario(good, 'one.yml');
    expect(read).toMatchObject({
      scenario: {
        seed: 1,
        region: 'us-east-1',
        timeline: [{ at: 300, do: 'hang-kernel' }],
        expect: { outcomes: [{ quiet: false, count: 1 }] },
      },
    });
  });

  test('may be JSON as well', () => {
    const read = readScenario(
      JSON.stringify({ name: 'a', hypothesis: 'b', fleet: {}, timeline: [{ at: '0s', do: 'switch', to: 'off' }], expect: {} }),
      'one.json',
    );
    expect('scenario' in read).toBe(true);
  });

  test.each<[string, string, string, string]>([
    ['a key that there is not', 'on: web }', 'onn: web }', 'one.yml:9:33: timeline[0] has no "onn"; did you mean on?'],
    ['a key at the top', 'timeline:', 'timelime:', 'one.yml:8:1: there is no "timelime"; did you mean timeline?'],
    ['a step that there is not', 'do: hang-kernel', 'do: hang-kernl', 'one.yml:9:20: timeline[0].do: "hang-kernl" is not one of '],
    ['a step without a kind', 'do: hang-kernel, ', '', 'one.yml:9:5: timeline[0].do: is missing; must be one of hang-kernel, '],
    [
      'a status that there is not',
      'status: healed',
      'status: heeled',
      'one.yml:12:32: expect.outcomes[0].status: "heeled" is not one of healed, ',
    ],
    ['no duration', '+5m', 'soon', 'one.yml:9:11: timeline[0].at: must be a duration such as 90s, 5m or 1h30m'],
    ['an instance that there is not', 'on: web', 'on: wob', 'one.yml:9:37: timeline[0].on: there is no instance wob in the fleet'],
    ['a member beyond the maximum', 'on: web', "on: 'shop[3]'", 'there is no instance shop[3] in the fleet'],
    ['an instance that was nearly named', 'on: web', 'on: wb', 'there is no instance wb in the fleet; did you mean web?'],
    ['a group where an instance is meant', 'on: web', 'on: shop', 'there is no instance shop in the fleet'],
    [
      'a resource that looks like a member',
      'resource: web',
      "resource: 'shap[0]'",
      'expect.outcomes[0].resource: there is no instance shap[0] in the fleet',
    ],
    ['a name in capitals', '    web:', '    WEB:', 'one.yml:5:5: fleet.instances.WEB: must be a short name'],
    ['a minimum above the maximum', 'desired: 2', 'desired: 4', 'fleet.groups.shop: min, desired and max must not decrease'],
    ['a guard that there is not', 'status: healed', 'status: healed, guards: { optin: pass }', 'expect.outcomes[0].guards'],
    [
      'a field that policies have not',
      'timeline:',
      'policy: { mod: off }\ntimeline:',
      'one.yml:8:16: policy.mod: a policy has no such field; did you mean mode?',
    ],
    [
      'a policy that is wrong',
      'timeline:',
      'policy: { budget: { actions: 0, window: 3600 } }\ntimeline:',
      'one.yml:8:30: policy.budget.actions: ',
    ],
    ['an event and a file', 'do: hang-kernel, on: web', 'do: deliver', 'timeline[0]: needs either an event or a file'],
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: this is how a scenario writes it
    [
      'a placeholder for nothing',
      'do: hang-kernel, on: web',
      "do: deliver, event: { a: '${wob}' }",
      'timeline[0].event.a: ${wob} stands for nothing here',
    ],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: this is how a scenario writes it
    [
      'an alarm on nothing',
      'timeline:',
      '  alarms: { a: { metric: cpu } }\ntimeline:',
      'one.yml:8:16: fleet.alarms.a: needs on, the name of what it watches',
    ],
    [
      'an alarm on what there is not',
      'timeline:',
      '  alarms: { a: { metric: cpu, on: wb } }\ntimeline:',
      'one.yml:8:35: fleet.alarms.a.on: there is no instance wb in the fleet; did you mean web?',
    ],
    [
      'a resource to look at that there is not',
      '  outcomes:',
      '  resources: { wob: { state: running } }\n  outcomes:',
      'there is no instance wob in the fleet; did you mean web?',
    ],
    [
      'requests to a target group that there is not',
      'do: hang-kernel, on: web',
      'do: send-requests, on: shop, perSecond: 1',
      'timeline[0].on: there is no target group shop in the fleet',
    ],
    [
      'failed requests to a target group that there is not',
      '  outcomes:',
      '  failedRequests: { shop: 0 }\n  outcomes:',
      'expect.failedRequests.shop: there is no target group shop in the fleet',
    ],
    [
      'a queue that there is not',
      'timeline:',
      '  queues: { orders: { deadLetters: ded, consumer: { rate: 1 } } }\ntimeline:',
      'fleet.queues.orders.deadLetters: there is no queue ded in the fleet',
    ],
    [
      'a consumer that runs on two things',
      'timeline:',
      '  queues: { orders: { consumer: { rate: 1, group: web, function: web } } }\ntimeline:',
      'fleet.queues.orders.consumer: runs on a group, a service or a function, and not on several',
    ],
    [
      'a colon in a text',
      'hypothesis: It works',
      'hypothesis: It works: yes',
      'one.yml:2:13: not YAML: a text that holds a colon and a space must be quoted; or the next line is indented too far',
    ],
    ['a list that is never closed', '[instance]', '[instance', 'not YAML: '],
    ['a key twice', 'hypothesis: It works.', 'hypothesis: It works.\nname: Two', 'one.yml:3:1: "name" stands here twice'],
    ['a prototype', 'hypothesis: It works.', 'hypothesis: It works.\n__proto__: { a: 1 }', 'one.yml:3:1: there is no "__proto__"'],
  ])('says where there is %s', (_, from, to, told) => {
    expect(good).toContain(from);
    expect(problems(good.replace(from, () => to)).join('\n')).toContain(told);
  });

  test.each(['', '- 1', 'x', 'null', 'a: &a [*a]', '{'])('%j is none, and says so without a stack', (text) => {
    const found = problems(text);
    expect(found.length).toBeGreaterThan(0);
    for (const line of found) expect(line).toMatch(/^one\.yml:\d+:\d+: \S/);
  });

  test('is no bomb: aliases that multiply are refused, and so is what is too long', () => {
    const rows = Array.from({ length: 12 }, (_, i) => `x${i + 1}: &x${i + 1} [${Array(10).fill(`*x${i}`).join(',')}]`);
    expect(problems(`x0: &x0 [a]\n${rows.join('\n')}\n`).join()).toContain('alias');
    expect(problems(`name: ${'x'.repeat(1024 * 1024)}`)).toEqual([expect.stringContaining('longer than')]);
  });

  test('tells a bounded number of problems', () => {
    const steps = Array.from({ length: 100 }, () => '  - { at: x, do: hang-kernel, on: web }').join('\n');
    const found = problems(good.replace('  - { at: +5m, do: hang-kernel, on: web }', steps));
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toBe('one.yml: and 80 more');
  });
});

describe('a written duration', () => {
  test.each([0, 59, 60, 3600, 5400, 86_400, 694_861])('of %i s is read as the same', (seconds) => {
    expect(parseDuration(writeDuration(seconds))).toBe(seconds);
  });
});
