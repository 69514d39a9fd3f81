import { defineFailure, metricAlarm, onlyIfNamed } from './define.ts';

const where = { subject: 'instance', named: ['volume', 'group'] } as const;

export const diskFull = defineFailure({
  id: 'disk-full',
  severity: 'high',
  says: 'a disk is filling up',
  match: [
    metricAlarm({ namespace: 'CWAgent', metric: ['disk_used_percent', 'VolumeUtilization'], direction: 'above', ...where }),
    metricAlarm({
      namespace: 'CWAgent',
      metric: ['disk_free', 'disk_inodes_free', 'LogicalDisk % Free Space', 'LogicalDisk Free Megabytes'],
      direction: 'below',
      ...where,
    }),
    metricAlarm({ namespace: 'System/Linux', metric: ['DiskSpaceUtilization', 'VolumeUtilization'], direction: 'above', ...where }),
    metricAlarm({ namespace: 'System/Windows', metric: ['DiskSpaceUtilization', 'VolumeUtilization'], direction: 'above', ...where }),
    metricAlarm({ namespace: 'AWS/EC2', metric: 'VolumeUtilization', direction: 'above', ...where }),
    metricAlarm({ namespace: 'AWS/EBS', metric: 'VolumeUtilization', direction: 'above', ...where }),
    metricAlarm({ namespace: 'AWS/ECS', metric: ['EBSFilesystemUtilization', 'VolumeUtilization'], direction: 'above', named: 'service' }),
    metricAlarm({
      namespace: 'AWS/RDS',
      metric: 'FreeStorageSpace',
      direction: 'below',
      subject: 'database',
      playbook: 'grow-storage',
    }),
    metricAlarm({
      namespace: 'AWS/RDS',
      metric: ['FreeLocalStorage', 'AuroraVolumeBytesLeftTotal'],
      direction: 'below',
      named: 'database',
    }),
    metricAlarm({ namespace: 'AWS/RDS', metric: 'VolumeUtilization', direction: 'above', named: 'database' }),
    metricAlarm({ namespace: 'AWS/DocDB', metric: ['FreeLocalStorage', 'FreeStorageSpace'], direction: 'below', named: 'database' }),
    metricAlarm({ namespace: 'AWS/ES', metric: 'FreeStorageSpace', direction: 'below', named: 'database' }),
    metricAlarm({ namespace: 'AWS/Redshift', metric: 'PercentageDiskSpaceUsed', direction: 'above', named: 'database' }),
  ],
  playbook: onlyIfNamed('clean-disk', 'selfheal cannot know what may be deleted to free space'),
});
