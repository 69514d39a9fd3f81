import type { Status } from '../../../shared/model/status.ts';
import type { ReportData } from '../data.ts';
import { healthChart, holdsChart, recoveryChart } from './charts.ts';
import { courseChart } from './course.ts';
import { the } from './dom.ts';
import { incidentList } from './list.ts';
import { statusIcon } from './status.ts';

const data = JSON.parse(the('data', HTMLScriptElement).text) as ReportData;

for (const slot of document.querySelectorAll<HTMLElement>('[data-status]')) slot.prepend(statusIcon(slot.dataset.status as Status));

const charts = { health: healthChart, course: courseChart, recovery: recoveryChart, holds: holdsChart };
for (const [id, draw] of Object.entries(charts)) {
  const host = document.getElementById(id);
  if (host) draw(host, data);
}
if (data.rows.length > 0) incidentList(data.rows, data.worlds);
