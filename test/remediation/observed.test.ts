import { describe, expect, test } from '@jest/globals';
import { createJournal } from '../../shared/remediation/journal.ts';
import { observeResource } from '../../shared/remediation/observed.ts';
import { type Answer, recordingClients, sdkError } from '../aws/recorder.ts';
import { samples } from '../resources/samples.ts';
import { simpleEngine } from './engine.ts';
import { incident, noon } from './examples.ts';

const aboutVolume = samples['ebs-volume'] ?? incident();

const run = async (about: typeof aboutVolume, answer: (nth: number) => Answer) => {
  let nth = 0;
  const { clients, calls } = recordingClients(() => answer(++nth));
  const engine = simpleEngine();
  const journal = createJournal(engine.durable, { now: () => noon, random: () => 0.5 });
  const seen = await observeResource(about, journal, clients);
  return { seen, calls, steps: engine.trail, waits: engine.waits(), story: journal.timeline.map(({ phase, text }) => `${phase}: ${text}`) };
};

describe('the look at a resource, in an incident', () => {
  test('is had again where AWS is too busy, and told once', async () => {
    const volume = { output: { Volumes: [{ VolumeId: 'vol-1', State: 'in-use' }], VolumeStatuses: [] } };
    const { seen, story } = await run(aboutVolume, (nth) => (nth <= 2 ? sdkError('RequestLimitExceeded', 503) : volume));
    expect(seen?.result).toBe('found');
    expect(story).toEqual([expect.stringMatching(/^wait: observe: RequestLimitExceeded/), `look: ${seen?.line}`]);
  });

  test('is given up after seconds: nobody waits for it, and that it failed is told', async () => {
    const { seen, waits, story } = await run(aboutVolume, () => sdkError('InternalError', 500));
    expect(seen).toMatchObject({ result: 'failed', change: null });
    expect(seen?.line).toMatch(/^volume vol-0123456789abcdef0 could not be read: ec2:DescribeVolumes: InternalError/);
    expect(waits.reduce((sum, seconds) => sum + seconds, 0)).toBeLessThan(20);
    expect(story.at(-1)).toBe(`look: ${seen?.line}`);
  });

  test('asks nothing where there is no look, and says so', async () => {
    const region = incident({ resource: { type: 'region', id: 'eu-west-1' }, disposition: 'escalate', alarm: null });
    const { seen, calls, steps, story } = await run(region, () => sdkError('Unexpected', 400));
    expect(seen?.result).toBe('not-looked');
    expect({ calls, steps }).toEqual({ calls: [], steps: [] });
    expect(story).toEqual(["look: region eu-west-1 was not looked for: selfheal doesn't read regions"]);
  });

  test("is none where the incident's own look is at it", async () => {
    expect(await run(incident(), () => sdkError('Unexpected', 400))).toMatchObject({ seen: null, calls: [], story: [] });
  });
});
