import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { verdicts } from '../../local/fault-matrix/judge.ts';
import { cellName, cellsOf, sampleOf } from '../../local/fault-matrix/matrix.ts';
import { type Base, type Cell, isBad, type Line, playCell } from '../../local/fault-matrix/play.ts';
import { playBases, playCells } from '../../local/fault-matrix/pool.ts';
import { situations } from '../../local/fault-matrix/situations.ts';
import type { ChannelId } from '../../shared/model/channel-id.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { opsCenterPermissions } from '../../shared/notifications/channels/ops-center.ts';
import { playbooks } from '../../shared/playbooks/index.ts';
import type { Channel, Reporter } from '../../shared/ports/reporter.ts';
import type { DriverDeps } from '../../shared/remediation/deps.ts';
import { resourcePermissions } from '../../shared/resources/index.ts';
import { testWhole, whole } from '../runner/whole.ts';

const shared = new URL('../../shared/', import.meta.url).pathname;

/** Every permission that a module declares for calls of its own. */
const declared = async (): Promise<Set<string>> => {
  const found = new Set<string>();
  for (const path of readdirSync(shared, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))) {
    if (!/^export const \w*[pP]ermissions\b|permissions: \[/m.test(readFileSync(join(shared, path), 'utf8'))) continue;
    for (const [name, value] of Object.entries((await import(join(shared, path))) as Record<string, unknown>)) {
      const own = /permissions$/i.test(name) ? value : (value as { permissions?: unknown } | null)?.permissions;
      if (Array.isArray(own)) for (const permission of own) found.add(String(permission));
    }
  }
  return found;
};

/** Declared, and in no world of the matrix, with the reason. */
const elsewhere: Record<string, string> = {
  'secretsmanager:GetSecretValue': 'is read as a parameter, by ssm:GetParameter',
  'autoscaling:DescribeLaunchConfigurations': 'groups of the matrix launch from templates',
  ...Object.fromEntries(
    opsCenterPermissions.map((permission) => [
      permission,
      'a channel that only a policy turns on, which fails in test/notifications/channels',
    ]),
  ),
  'sts:AssumeRole': 'only in members of a hub, which test/organization plays',
  'sts:SetSourceIdentity': 'only in members of a hub, which test/organization plays',
  'lambda:DeleteFunction': 'only versions that were superseded weeks ago are cleared away, and these worlds last hours',
  ...Object.fromEntries(
    [
      'cloudwatch:DeleteAlarms',
      'cloudwatch:ListMetrics',
      'cloudwatch:ListTagsForResource',
      'cloudwatch:PutMetricAlarm',
      'cloudwatch:TagResource',
      'lambda:ListFunctions',
      'sqs:ListQueues',
    ].map((permission) => [permission, 'early warning, which is no incident']),
  ),
};

let bases: Base[] = [];
const baseOf = (situation: string): Base => bases.find((base) => base.situation === situation) as Base;

beforeAll(async () => {
  bases = await playBases(whole ? Object.keys(situations) : ['hung-instance', 'retiring-host', 'approval-forgotten'], 0);
});

describe('the matrix of faults', () => {
  test('has situations that are fine without a fault', () => {
    expect(bases.filter(({ judgement }) => verdicts.some((verdict) => judgement[verdict].length > 0))).toEqual([]);
  });

  testWhole('plays every call that a module declares a permission for', async () => {
    const played = new Set(bases.flatMap(({ calls }) => calls.start));
    // Looks at what selfheal never acts on: test/resources/conformance.test.ts denies, fails and empties each.
    const known = new Set<string>([...played, ...Object.keys(elsewhere), ...resourcePermissions]);
    const missing = [...(await declared())].filter((permission) => !known.has(permission));
    expect(missing.sort()).toEqual([]);
    expect(Object.keys(elsewhere).filter((permission) => played.has(permission))).toEqual([]);
  });

  testWhole('is told in the documents for every call and every situation that it plays', () => {
    const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
    const calls = [...new Set(bases.flatMap(({ calls: { start } }) => start))];
    expect(calls.filter((call) => !page('operations.md').includes(`| \`${call}\` |`))).toEqual([]);
    expect(Object.keys(situations).filter((name) => !page('safety.md').includes(`| \`${name}\` |`))).toEqual([]);
  });

  test('has cells of both phases, and those of the second for what is called after the first change alone', () => {
    const cells = cellsOf({ situation: 'x', calls: { start: ['ec2:A', 'ec2:B'], 'first-change': ['ec2:B'] } });
    expect(cells).toHaveLength(15);
    expect(cells.map(cellName)).toContain('x/ec2:A/denied/start');
    expect(cells.map(cellName)).not.toContain('x/ec2:A/denied/first-change');
  });

  test('has the same sample for the same seed, each cell once', () => {
    const cells = bases.flatMap(cellsOf);
    const names = sampleOf(cells, 40, 3).map(cellName);
    expect(new Set(names).size).toBe(40);
    expect(sampleOf(cells, 40, 3).map(cellName)).toEqual(names);
    expect(sampleOf(cells, 40, 4).map(cellName)).not.toEqual(names);
  });
});

describe('a world that is broken on purpose', () => {
  // A fault that never strikes: nobody asks for a key here.
  const cell = (situation: string): Cell => ({ situation, call: 'kms:DescribeKey', fault: 'denied', phase: 'start' });
  const broken = (situation: string, deps: (deps: DriverDeps) => DriverDeps): Promise<Line> =>
    playCell(cell(situation), baseOf(situation), { deps });

  test('is seen to do harm', async () => {
    const stopsOnly = (deps: DriverDeps): DriverDeps => {
      const book = playbooks['leave-retiring-host'];
      const ladder = book.ladder.map((step) =>
        step.kind === 'act' && step.action.id === 'stop-start-instance'
          ? { ...step, action: { ...step.action, steps: [step.action.steps[0]] as const } }
          : step,
      );
      return { ...deps, playbooks: { ...playbooks, 'leave-retiring-host': { ...book, ladder } } };
    };
    expect((await broken('retiring-host', stopsOnly)).harm).toEqual([expect.stringContaining('is left stopped')]);
  });

  type CompleteCallback = (tell: Channel['outcome'], outcome: Outcome, id: ChannelId) => Promise<void>;
  const told = ({ reporter }: DriverDeps, by: CompleteCallback): Reporter => ({
    ...reporter,
    channels: reporter.channels.map(({ outcome: tell, ...channel }) => ({
      ...channel,
      outcome: (outcome) => by(tell, outcome, channel.id),
    })),
  });

  test('is seen to be silent', async () => {
    const mute = async () => {};
    const line = await broken('hung-instance', (deps) => ({
      ...deps,
      reporter: { ...told(deps, mute), interim: mute },
    }));
    expect(line.silent).toEqual(['nobody is ever told of anything']);
  });

  test('is seen to repeat itself', async () => {
    const line = await broken('hung-instance', (deps) => ({
      ...deps,
      reporter: told(deps, async (tell, outcome, id) => {
        await tell(outcome);
        if (id === 'people') await tell(outcome);
      }),
    }));
    expect(line.repeated).toHaveLength(1);
  });

  test('is seen to say what is not so', async () => {
    const line = await broken('approval-forgotten', (deps) => ({
      ...deps,
      reporter: told(deps, (tell, outcome, id) =>
        tell(id === 'people' ? { ...outcome, status: 'healed', reason: 'alarm web is gone' } : outcome),
      ),
    }));
    expect(line.untrue).toHaveLength(2);
  });
});

describe('a sample of the matrix', () => {
  test('has no bad cell', async () => {
    const some = whole ? 20 : 5;
    const cells = sampleOf(bases.flatMap(cellsOf), some, 1);
    const lines: Line[] = [];
    await playCells(cells, bases, (line) => void lines.push(line), 0);
    expect(lines).toHaveLength(some);
    expect(lines.filter((line) => verdicts.some((verdict) => isBad(line, verdict)))).toEqual([]);
  });
});
