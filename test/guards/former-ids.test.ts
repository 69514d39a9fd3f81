import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { checkScenario } from '../../local/worlds/check.ts';
import { playScenario } from '../../local/worlds/play.ts';
import { readScenario } from '../../local/worlds/read.ts';
import { guards } from '../../shared/guards/index.ts';
import { currentGuardId, formerGuardIds } from '../../shared/model/guard-id.ts';
import { outcomeSchema } from '../../shared/model/outcome-schema.ts';
import { emptyLedger } from '../aws/table.ts';
import { incident, noon, outcome } from '../remediation/examples.ts';

const timelineWith = (guard: string) => [
  {
    at: '2026-11-20T12:00:00.000Z',
    phase: 'guard' as const,
    text: `${guard} says hold: so`,
    answers: [{ guard, answer: 'hold' as const }],
  },
];
const answered = (guard: string) => [{ answers: [{ guard }] }];

test('each stands for a guard of today', () => {
  const ids = guards.map(({ id }) => id);
  expect(formerGuardIds).toHaveLength(5);
  for (const id of formerGuardIds) expect([ids.includes(id), ids.includes(currentGuardId(id))]).toEqual([false, true]);
  expect(ids.map(currentGuardId)).toEqual(ids);
});

test('become current ones when a recorded outcome is read', async () => {
  const ledger = await emptyLedger();
  await ledger.open(incident({ key: 'ended' }), noon);
  await ledger.close(outcome({ incident: 'ended', timeline: timelineWith('group-place') }));
  expect((await ledger.read('ended'))?.outcome?.timeline).toMatchObject(answered('disruption-budget'));
  expect(outcomeSchema.parse(outcome({ timeline: timelineWith('other-healer') })).timeline).toMatchObject(
    answered('concurrent-remediation'),
  );
});

test('may stand in the expectations of a scenario', async () => {
  const file = new URL('../../events/scenarios/stopped-by-a-person.yml', import.meta.url);
  const read = readScenario(readFileSync(file, 'utf8').replace('intentional-stop', 'asked-for'), 'former.yml');
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  expect(read.scenario.expect.outcomes.map(({ guards: said }) => said)).toContainEqual({ 'asked-for': 'hold' });
  const checks = checkScenario(read.scenario.expect, await playScenario(read.scenario));
  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
});
