import { describe } from '@jest/globals';
import { diskFull } from '../../shared/failures/disk-full.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { database, domain, ecsService, group, instance, nothing, redshift, volume } from './targets.ts';

describe('disk-full', () => {
  const metrics: MetricClaim[] = [
    [['CWAgent'], ['disk_used_percent'], 'above', [instance, volume, group, nothing], 'escalate'],
    [['CWAgent', 'System/Linux', 'System/Windows'], ['VolumeUtilization'], 'above', [instance, volume, group], 'escalate'],
    [['CWAgent'], ['disk_free'], 'below', [instance, volume, group, nothing], 'escalate'],
    [
      ['CWAgent'],
      ['disk_inodes_free', 'LogicalDisk % Free Space', 'LogicalDisk Free Megabytes'],
      'below',
      [instance, volume, group],
      'escalate',
    ],
    [['System/Linux', 'System/Windows'], ['DiskSpaceUtilization'], 'above', [instance, volume, group, nothing], 'escalate'],
    [['AWS/EC2', 'AWS/EBS'], ['VolumeUtilization'], 'above', [instance, volume, group, nothing], 'escalate'],
    [['AWS/ECS'], ['EBSFilesystemUtilization'], 'above', [ecsService, nothing], 'escalate'],
    [['AWS/ECS'], ['VolumeUtilization'], 'above', [ecsService], 'escalate'],
    [['AWS/RDS'], ['FreeStorageSpace'], 'below', [database, nothing], 'escalate'],
    [['AWS/RDS'], ['FreeLocalStorage', 'AuroraVolumeBytesLeftTotal'], 'below', [database], 'escalate'],
    [['AWS/RDS'], ['VolumeUtilization'], 'above', [database, nothing], 'escalate'],
    [['AWS/DocDB'], ['FreeLocalStorage'], 'below', [database, nothing], 'escalate'],
    [['AWS/DocDB'], ['FreeStorageSpace'], 'below', [database], 'escalate'],
    [['AWS/ES'], ['FreeStorageSpace'], 'below', [domain, nothing], 'escalate'],
    [['AWS/Redshift'], ['PercentageDiskSpaceUsed'], 'above', [redshift, nothing], 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(diskFull, null, metrics, events);
});
