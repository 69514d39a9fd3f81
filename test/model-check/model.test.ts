import { describe, expect, test } from '@jest/globals';
import { checkModel } from '../../local/model-check/command.ts';
import { explore } from '../../local/model-check/explore.ts';
import { type Alter, createScenarios, start } from '../../local/model-check/programs.ts';
import type { Bound } from '../../local/model-check/state.ts';
import { createTable } from '../../local/model-check/table.ts';

const table = await createTable(start);
const none: Bound = { deaths: 0, lost: 0, late: 0, stops: 0, faults: 0 };
const named = (text: string, alter?: Alter) => {
  const found = createScenarios(table, alter).find(({ name }) => name.includes(text));
  if (!found) throw new Error(`no scenario is called ${text}`);
  return found;
};

describe('the ledger', () => {
  test.each(createScenarios(table).map((scenario) => [scenario.name, scenario] as const))(
    'keeps every promise in every order: %s',
    async (_, scenario) => {
      const { violation, schedules } = await explore(table, scenario, none);
      expect(violation).toBeNull();
      expect(schedules).toBeGreaterThan(0);
    },
  );

  test('keeps every promise with a fault in every place', async () => {
    const one = { deaths: 1, lost: 1, late: 1, stops: 0, faults: 1 };
    const { violation, states } = await explore(table, named('forgotten'), one);
    expect(violation).toBeNull();
    expect(states).toBeGreaterThan(200);
  });
});

type Input = { UpdateExpression?: string; ConditionExpression?: string; ExpressionAttributeValues?: Record<string, unknown> };

/** Changes the writes that match, and drops the values that they no longer mention. */
const writes =
  (matches: RegExp, change: (input: Input) => Partial<Input>): Alter =>
  (command) => {
    const input = command.input as Input;
    if (!matches.test(input.UpdateExpression ?? '')) return command;
    const { ConditionExpression, ...changed } = { ...input, ...change(input) };
    const said = `${changed.UpdateExpression} ${ConditionExpression ?? ''}`;
    const values = Object.entries(changed.ExpressionAttributeValues ?? {}).filter(([name]) => new RegExp(`${name}\\b`).test(said));
    const Command = command.constructor as new (input: object) => object;
    return new Command({
      ...changed,
      ...(ConditionExpression ? { ConditionExpression } : {}),
      ExpressionAttributeValues: values.length > 0 ? Object.fromEntries(values) : undefined,
    });
  };
const unconditionally = () => ({ ConditionExpression: '' });

describe('the checker', () => {
  test.each<[string, Alter, string, Partial<Bound>, string, RegExp]>([
    [
      'a lease is acquired whoever holds it',
      writes(/^SET holder/, unconditionally),
      ...(['rebooted', {}, 'a lease that has not run out is taken from its holder', /B: UpdateItem lease SET holder/] as const),
    ],
    [
      'a lease that has run out still binds',
      writes(/^SET holder/, ({ ConditionExpression = '' }) => ({
        ConditionExpression: ConditionExpression.replace(' OR leasedUntil <= :now', ''),
      })),
      ...(['rebooted', { late: 1 }, 'a lease that has run out blocks others', /A: dies and comes back late/] as const),
    ],
    [
      'a lease is given back by who does not hold it',
      writes(/^SET leasedUntil/, unconditionally),
      ...([
        'rebooted',
        { stops: 1 },
        'a lease that has not run out is taken from its holder',
        /end: UpdateItem lease SET leasedUntil = :until$/,
      ] as const),
    ],
    [
      'the lease of a stopped execution is given back at once',
      writes(/^SET leasedUntil/, () => ({ UpdateExpression: 'REMOVE holder, leasedUntil', ConditionExpression: 'holder = :me' })),
      ...(['forgotten', { stops: 1 }, 'an incident acts that does not hold the lease', /finishes its operation/] as const),
    ],
    [
      'an attempt is recorded without the lease',
      writes(/^SET attempts/, unconditionally),
      ...(['rebooted', { late: 1 }, 'an incident acts that does not hold the lease', /A: dies and comes back late/] as const),
    ],
    [
      'an attempt does not renew the lease',
      writes(/^SET attempts/, () => ({ UpdateExpression: 'SET attempts = :attempts' })),
      ...(['forgotten', { late: 2 }, 'an incident acts that does not hold the lease', /A: pauses in its operation/] as const),
    ],
    [
      'a second outcome replaces the first',
      writes(/^SET #status/, unconditionally),
      ...(['forgotten', { stops: 1 }, 'an outcome is replaced by another', /the notice of A's end/] as const),
    ],
    [
      'an episode ends whatever joins it meanwhile',
      writes(/^REMOVE opener/, () => ({ ConditionExpression: 'opener = :opener' })),
      ...(['just as it ends', {}, 'an incident that has joined another is not counted by it', /B: UpdateItem episode SET lastAt/] as const),
    ],
    [
      'an inbox does not close',
      writes(/^SET closed/, () => ({ UpdateExpression: 'SET expiresAt = :expiry' })),
      ...(['copies', {}, 'nobody treats what fails', /the good copy: UpdateItem inbox/] as const),
    ],
  ])('finds that %s, by a schedule in words', async (_, alter, scenario, faults, objection, tells) => {
    const some = Object.values(faults).reduce((sum, count) => sum + count, 0);
    const { violation } = await explore(table, named(scenario, alter), { ...none, ...faults, faults: some });
    expect(violation).toEqual({ objection, schedule: expect.arrayContaining([expect.stringMatching(tells)]) });
  });
});

test('the command says how much it has checked, and what it can not do', async () => {
  const run = async (...args: string[]) => {
    const [out, err]: string[][] = [[], []];
    const code = await checkModel(args, { out: (text) => out?.push(text), err: (text) => err?.push(text) });
    return { code, out: out?.join('') ?? '', err: err?.join('') ?? '' };
  };
  const { code, out } = await run('--json', '--faults', '0', '--only', 'forgotten');
  expect(code).toBe(0);
  expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toEqual({
    ...{ states: expect.any(Number), schedules: 1, violations: 0 },
    bound: { processes: 2, faults: 0 },
  });
  expect(await run('--only', 'nothing of that name')).toMatchObject({ code: 2, err: expect.stringMatching(/^model: no scenario/) });
  expect((await run('--faults', 'many')).code).toBe(2);
});
