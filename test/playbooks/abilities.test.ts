import { describe, expect, test } from '@jest/globals';
import { actions } from '../../shared/actions/index.ts';
import { actionIds } from '../../shared/model/action-id.ts';
import { abilities } from '../../shared/model/playbook-abilities.ts';
import { playbookIds } from '../../shared/model/playbook-id.ts';
import { playbooks } from '../../shared/playbooks/index.ts';

describe('the abilities', () => {
  test.each(playbookIds)('of %s are those of its ladder', (id) => {
    const { ladder, failing } = playbooks[id];
    const does = new Set(ladder.flatMap((step) => (step.kind === 'act' ? [step.action.id] : [])));
    expect(new Set<string>(abilities[id].actions)).toEqual(does);
    expect(abilities[id].looksFor).toEqual(failing.map((check) => check.id));
  });

  test('are told in the ids of actions that there are', () => {
    expect([...actionIds].sort()).toEqual(actions.map(({ id }) => id).sort());
  });
});
