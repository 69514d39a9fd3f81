import { expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { listDisks, listDisksBy } from '../../shared/actions/list-disks.ts';
import { facts, instanceId, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';
import { restart } from './managed-instance.ts';

test('sends the document that the policy names, and is known to change nothing', async () => {
  const action = listDisksBy('list-disks', restart);
  const [sent] = await doAll(action, facts());
  expect(sent?.input).toMatchObject({ DocumentName: restart.document, DocumentVersion: '3', InstanceIds: [instanceId] });
  expect(action).toMatchObject({ onlyReads: true, command: 'list-disks' });
  const target = { type: 'instance', id: instanceId } as const;
  expect(toDo(action, { target, facts: facts(), policy: policy() })).toBe(`list the disks of instance ${instanceId}`);
});

test('has no target as long as no command is named', () => {
  expect(listDisks.target()).toBeNull();
});
