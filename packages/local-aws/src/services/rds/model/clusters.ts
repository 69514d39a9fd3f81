import { rdsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { type Database, type Databases, servesAt } from './databases.ts';
import type { Engine } from './engine.ts';
import { lagAt, type Replication, readersAt } from './replication.ts';

/** What takes an engine away: its process dies, its zone is gone, or its storage. */
export type Loss = 'process' | 'zone' | 'storage';

/** Who takes writes: a cluster's failovers, asked for and RDS's own. */
export const createClusters = ({ clock }: World, databases: Databases, engine: Engine, replication: Replication) => {
  const { announce, after, below, clusterOf, writerOf, known, find } = databases;

  /** The reader that RDS would take: in another zone than the writer rather than in its own, and the least behind. */
  const bestReader = (cluster: Database): Database | undefined => {
    const now = clock.now();
    const writer = writerOf(cluster);
    const rank = (one: Database) => (one.zone === writer?.zone ? 1e9 : 0) + (lagAt(one, now) ?? 1e6);
    return readersAt(databases, cluster, now)
      .filter(({ status }) => status.now === 'available')
      .sort((a, b) => rank(a) - rank(b))[0];
  };

  const failOver = (cluster: Database, target: Database): void => {
    const old = writerOf(cluster);
    cluster.status.set(clock.now(), 'failing-over');
    announce(cluster, old?.zone === target.zone ? '0072' : '0073', target.id);
    after(rdsParameters.clusterFailover, () => {
      const now = clock.now();
      if (cluster.status.now !== 'failing-over') return;
      cluster.status.set(now, 'available');
      if (target.deletedAt !== undefined || !servesAt(target, now)) {
        announce(cluster, '0069');
        return;
      }
      const former = writerOf(cluster);
      target.writer.set(now, true);
      engine.stop(target);
      engine.start(target);
      replication.leads(target);
      if (former) {
        former.writer.set(now, false);
        if (former.up.now) engine.stop(former);
        // "A new writer was promoted. Restarting database as a reader."
        if (former.status.now === 'available') engine.restartSoon(former);
      }
      announce(cluster, '0071', target.id);
    });
  };

  /** What RDS does by itself once it has seen that a writer is gone; while a failover is under way it waits for that. */
  const takeOver = (cluster: Database, lost: Database, loss: Loss): void => {
    const { boots } = lost;
    after(rdsParameters.detection, () => {
      if (lost.boots !== boots || lost.up.now || lost.deletedAt !== undefined) return;
      if (cluster.status.now !== 'available') return takeOver(cluster, lost, loss);
      const reader = lost.writer.now ? bestReader(cluster) : undefined;
      if (reader) failOver(cluster, reader);
      else if (loss === 'process') engine.restartSoon(lost);
    });
  };

  return {
    bestReader,
    failOver,
    takeOver,
    /**
     * The writer of a cluster, or an instance, is gone; where `failsOver` is false RDS doesn't see to it by itself. Returns what brings it
     * back, as what it has become by then.
     */
    lose: (id: string, loss: Loss, failsOver: boolean): (() => void) => {
      const cluster = find('cluster', id);
      const lost = cluster ? writerOf(cluster) : known('instance', id);
      if (!lost) throw new RangeError(`The database cluster ${id} has no writer`);
      const home = clusterOf(lost);
      // With a zone goes every member that is there.
      const gone = loss === 'zone' && home ? below(home).filter(({ zone }) => zone === lost.zone) : [lost];
      const fault = {};
      for (const one of gone) {
        engine.stop(one);
        if (loss !== 'process') one.lost.add(fault);
        if (loss !== 'storage') continue;
        one.status.set(clock.now(), 'failed');
        announce(one, '0031', 'failed');
      }
      if (failsOver) {
        if (home && lost.writer.now) takeOver(home, lost, loss);
        else if (lost.multiAz) engine.failOverAlone(lost);
        else if (loss === 'process') engine.restartSoon(lost);
      }
      return () => {
        for (const one of gone) {
          one.lost.delete(fault);
          engine.revive(one);
        }
      };
    },

    /**
     * So many percent more are asked of an instance or a cluster's writer, or read from its readers together, or from itself by clients that
     * know of no others; returns what ends it.
     */
    load: (id: string, percent: number, on: 'writer' | 'readers' | 'reads'): (() => void) => {
      const database = find('cluster', id) ?? known('instance', id);
      const line = { readers: database.readLoad, reads: database.ownReads, writer: database.load }[on];
      line.set(clock.now(), line.now + percent);
      return () => line.set(clock.now(), line.now - percent);
    },

    /** A member is going: where it takes writes, another does from now on. */
    leave: (member: Database): void => {
      const cluster = clusterOf(member);
      if (!cluster || !member.writer.now) return;
      const reader = bestReader(cluster);
      if (reader && cluster.status.now === 'available') failOver(cluster, reader);
    },
    /** A member is gone: if nobody could take over from it, whoever is left does. */
    left: (member: Database): void => {
      const cluster = clusterOf(member);
      if (!cluster || writerOf(cluster)) return;
      const heir = bestReader(cluster) ?? below(cluster)[0];
      if (!heir) return;
      heir.writer.set(clock.now(), true);
      replication.leads(heir);
      announce(cluster, '0071', heir.id);
    },
    /** Which zone a new member comes into: the one that has the fewest. */
    zoneFor: (cluster: Database): number => {
      const counts = [0, 1, 2].map((zone) => below(cluster).filter((one) => one.zone === zone).length);
      return counts.indexOf(Math.min(...counts));
    },
  };
};
export type Clusters = ReturnType<typeof createClusters>;
