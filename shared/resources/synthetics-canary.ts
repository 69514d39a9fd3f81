import { clockTime } from '../model/duration.ts';
import type { ResourceKind } from './resource-kind.ts';
import { GetCanaryCommand, GetCanaryRunsCommand, SyntheticsClient } from './synthetics-client.ts';
import type { GetCanaryOutput, GetCanaryRunsOutput } from './synthetics-schemas.ts';

/** A CloudWatch Synthetics canary and its last run; that runs are listed newest first is assumed. */
export const syntheticsCanary: ResourceKind = {
  id: 'synthetics-canary',
  types: ['canary'],
  noun: 'canary',
  permissions: ['synthetics:GetCanary', 'synthetics:GetCanaryRuns'],
  notFound: ['ResourceNotFound'],
  is: () => true,
  // By its name: assumed.
  trailName: ({ resource }) => resource.id,
  observe: async (clients, { resource: { id } }, part) => {
    const synthetics = clients.of(SyntheticsClient);
    const [{ Canary: found }, run] = await Promise.all([
      synthetics.send(new GetCanaryCommand({ Name: id })) as Promise<GetCanaryOutput>,
      part('its runs', async () => {
        const { CanaryRuns } = (await synthetics.send(new GetCanaryRunsCommand({ Name: id, MaxResults: 1 }))) as GetCanaryRunsOutput;
        return CanaryRuns?.[0] ?? null;
      }),
    ]);
    if (!found) return null;
    const { Status: { State = 'unknown', StateReason } = {}, Timeline = {}, RuntimeVersion } = found;
    const { Created, LastModified, LastStarted, LastStopped } = Timeline;
    const since = State === 'RUNNING' ? LastStarted : State === 'STOPPED' ? LastStopped : undefined;
    const facts: string[] = StateReason ? [StateReason] : [];
    if (run?.Status?.State) {
      const at = run.Timeline?.Completed ?? run.Timeline?.Started;
      const why = run.Status.StateReason ? `: ${run.Status.StateReason}` : '';
      facts.push(`last run ${run.Status.State}${at ? ` at ${clockTime(at.getTime())}` : ''}${why}`);
    }
    if (RuntimeVersion) facts.push(RuntimeVersion);
    return {
      state: State,
      since: since?.getTime() ?? null,
      createdAt: Created?.getTime() ?? null,
      changed:
        LastModified && LastModified.getTime() !== Created?.getTime() ? { what: 'settings changed', at: LastModified.getTime() } : null,
      facts,
    };
  },
};
