import { createFleet } from '../local/testbed/fleet.ts';
import { createHost, type Host, type HostOptions } from '../local/testbed/host.ts';

export const start = Date.parse('2026-03-02T09:00:00Z');
export const minute = 60_000;
export const account = '111122223333';
export const region = 'us-east-1';

/** A lone instance under a status alarm whose kernel hangs, just now. */
export const hungInstance = async (options: Partial<HostOptions> = {}): Promise<{ host: Host; web: string }> => {
  const host = await createHost({ seed: 7, start, account, region, ...options });
  const fleet = createFleet(host);
  const web = await fleet.instance({ name: 'web' });
  await fleet.statusAlarm(web, 'Instance');
  await host.run(() => false, start + 20 * minute);
  host.aws.faults.inject({ fault: 'hang-kernel', target: web });
  return { host, web };
};

/** The same, up to the end of its incident. */
export const treatedInstance = async (options: Partial<HostOptions> = {}): Promise<Host> => {
  const { host } = await hungInstance(options);
  await host.run(() => host.outcomes.length > 0 && !host.busy(), start + 600 * minute);
  return host;
};
