import { describe, expect, test } from '@jest/globals';
import { createWatch } from '../../shared/handlers/watch.ts';
import { policySchema } from '../../shared/model/policy.ts';
import { weeklySchema } from '../../shared/model/weekly.ts';
import { noon } from '../remediation/examples.ts';

const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
type Deps = Parameters<typeof createWatch>[0];

const setUp = (
  listFailed: Deps['executions']['listFailed'],
  namespace?: string,
  out: Deps['ledger']['outOfService'] = async () => [],
  more: Partial<Deps> = {},
) => {
  const lines: string[] = [];
  const logged: unknown[] = [];
  const never = async () => {
    throw new Error('not expected');
  };
  const ledger = {
    read: never,
    release: never,
    close: never,
    noteReconciled: never,
    outOfService: out,
    sweepCursor: async () => null,
  } as unknown as Deps['ledger'];
  const watch = createWatch({
    ledger,
    reporter: {} as Deps['reporter'],
    clients: {} as Deps['clients'],
    executions: { listFailed, prune: async () => [] },
    now: () => noon,
    log: (entry) => logged.push(entry),
    write: (line) => lines.push(line),
    ...(namespace === undefined ? {} : { namespace }),
    ...more,
  });
  return {
    watch: (event: unknown) =>
      watch(
        event as never,
        { invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:watch', getRemainingTimeInMillis: () => 120_000 } as never,
      ),
    lines,
    logged,
  };
};

describe('a sweep', () => {
  test('that came to its end says so in the metrics, alone on a line', async () => {
    const { watch, lines, logged } = setUp(async function* () {});
    await watch(scheduled);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { Heartbeat: 1, OrphansReconciled: 0, SeenTo: 0, _aws: { Timestamp: noon } },
    ]);
    expect(logged).toEqual([{ level: 'INFO', message: 'sweep', ended: 0, reconciled: 0, left: 0, pruned: [] }]);
  });

  test('beats for its own stage alone', async () => {
    const namespaces = async (given?: string) => {
      const { watch, lines } = setUp(async function* () {}, given);
      await watch(scheduled);
      return lines.flatMap((line) => JSON.parse(line)._aws.CloudWatchMetrics.map(({ Namespace }: { Namespace: string }) => Namespace));
    };
    expect(await namespaces('selfheal/prod')).toEqual(Array(3).fill('selfheal/prod'));
    expect(await namespaces()).toEqual(Array(3).fill('selfheal'));
  });

  test('that failed says nothing, so that the missing beat is an alarm', async () => {
    // biome-ignore lint/correctness/useYield: it fails before there is anything to give
    const { watch, lines } = setUp(async function* () {
      throw new Error('throttled');
    });
    await expect(watch(scheduled)).rejects.toThrow('throttled');
    expect(lines).toEqual([]);
  });
});

describe('a sweep of past incidents', () => {
  test('counts what has opted in, whatever has become of the digest', async () => {
    const broken = async () => {
      throw new Error('the digest is broken');
    };
    const places: unknown[] = [];
    const { watch, logged } = setUp(async function* () {}, undefined, undefined, {
      counts: {
        past: { pages: async function* () {} },
        digests: { learned: broken, begin: broken } as never,
        weekly: weeklySchema.parse({ on: 'monday' }),
      },
      countsOptedIn: {
        digests: {
          places: async () => {
            places.push('asked');
            return [];
          },
        },
        own: {} as never,
        inMember: () => ({}) as never,
        policy: policySchema.parse({}),
      },
      now: () => Date.UTC(2026, 10, 23, 8, 10),
    });
    await expect(watch({ ...scheduled, detail: { sweep: 'digest' } })).rejects.toThrow('the digest is broken');
    expect(places).toEqual(['asked']);
    // The account of the stack could not be counted, as its ledger has nothing to say here.
    expect(logged).toContainEqual(expect.objectContaining({ level: 'WARN', message: 'opted-in instances not counted' }));
  });
});

describe('a sweep for what is out of service', () => {
  const schedule = { ...scheduled, detail: { sweep: 'out-of-service' } };

  test('asks the ledger, and no execution', async () => {
    const { watch, logged, lines } = setUp(() => {
      throw new Error('not asked for');
    });
    expect(await watch(schedule)).toEqual({ out: 0, notified: 0 });
    expect(logged).toEqual([{ level: 'INFO', message: 'out of service', out: 0, notified: 0 }]);
    expect(lines).toEqual([]);
  });

  test('is tried again where the ledger can not be asked', async () => {
    const { watch } = setUp(
      async function* () {},
      undefined,
      async () => Promise.reject(new Error('throttled')),
    );
    await expect(watch(schedule)).rejects.toThrow('throttled');
  });

  const nothingFailed = async function* () {};
  const alive = (given: { out?: Deps['ledger']['outOfService']; refuses?: boolean } = {}) => {
    const signs: number[] = [];
    const tellsAlive = async () => {
      signs.push(1);
      if (given.refuses) throw new Error('refused');
    };
    return { signs, ...setUp(nothingFailed, undefined, given.out, { tellsAlive }) };
  };

  test('says once that it is alive where another region wants to know, and no other sweep does', async () => {
    const { watch, signs } = alive();
    await watch(schedule);
    expect(signs).toEqual([1]);
    await watch({ ...scheduled, detail: { sweep: 'beats' } });
    await watch(scheduled);
    expect(signs).toEqual([1]);
  });

  test('does not say that it is alive where the ledger can not be asked', async () => {
    const { watch, signs } = alive({ out: async () => Promise.reject(new Error('throttled')) });
    await expect(watch(schedule)).rejects.toThrow('throttled');
    expect(signs).toEqual([]);
  });

  test('is done where that can not be said', async () => {
    const { watch, logged } = alive({ refuses: true });
    expect(await watch(schedule)).toEqual({ out: 0, notified: 0 });
    expect(logged).toMatchObject([{ message: 'out of service' }, { level: 'WARN', message: 'no sign of life' }]);
  });
});
