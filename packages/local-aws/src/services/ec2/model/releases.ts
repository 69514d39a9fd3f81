/** Which instances are meant: one, those of a launch template or of one version of it, or those that a group launches. */
export type Launched = { target: string; version?: number | undefined };

/** How long what is launched takes, in seconds, where it takes longer than usual. */
export type Slowness = { pending?: number | undefined; boot?: number | undefined };

/** What becomes of the instances of a release that is bad, so many seconds after each of their boots. */
export type ReleaseDefect = { after: number; kind: 'hang-kernel' | 'shut-down' };

/** What an instance was launched by. */
export type Origin = { readonly groupName: string | null; readonly templateId: string | null; readonly templateVersion: number | null };

const isMeant = ({ target, version }: Launched, id: string, { groupName, templateId, templateVersion }: Origin): boolean =>
  target === id || target === groupName || (target === templateId && (version === undefined || version === templateVersion));

/** What is wrong with instances for where they come from: releases that boot slowly, and such as fail some time after they have. */
export const createReleases = () => {
  const slow = new Map<Launched, Slowness>();
  const bad = new Map<Launched, ReleaseDefect>();

  const added = <T>(to: Map<Launched, T>, meant: Launched, what: T): (() => void) => {
    to.set(meant, what);
    return () => {
      to.delete(meant);
    };
  };

  return {
    slowBoot: (meant: Launched, slowness: Slowness) => added(slow, meant, slowness),
    badRelease: (meant: Launched, defect: ReleaseDefect) => added(bad, meant, defect),

    slownessOf: ({ id, launchedFrom }: { readonly id: string; readonly launchedFrom: Origin }): Slowness => {
      for (const [meant, slowness] of slow) if (isMeant(meant, id, launchedFrom)) return slowness;
      return {};
    },

    /** What an instance that is launched now will suffer from; it says whether that is still so. */
    defectOf: (id: string, origin: Origin): (() => ReleaseDefect | null) => {
      for (const [meant, defect] of bad) if (isMeant(meant, id, origin)) return () => (bad.has(meant) ? defect : null);
      return () => null;
    },
  };
};

export type Releases = ReturnType<typeof createReleases>;
