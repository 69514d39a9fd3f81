import { createRandom } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import { drawCertificatesIncident } from './certificates.ts';
import { drawDatabasesIncident } from './databases.ts';
import { drawDisksIncident } from './disks.ts';
import { drawReadersIncident } from './readers.ts';
import { drawReplicasIncident } from './replicas.ts';

const incidents = [drawCertificatesIncident, drawDisksIncident, drawDatabasesIncident, drawReplicasIncident, drawReadersIncident] as const;

/** Draws one incident of what holds data; the same for the same seed. */
export const drawData = (seed: number): WrittenScenario => {
  const random = createRandom(seed).fork('data');
  const drawn = random.pick(incidents)(random);
  return {
    name: `Seed ${seed}: data`,
    hypothesis: 'What holds data is treated with care.',
    seed,
    ...drawn,
    expect: { promises: 'kept', refused: { atMost: drawn.timeline.length } },
  };
};
