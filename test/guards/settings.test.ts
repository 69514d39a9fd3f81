import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { guards } from '../../shared/guards/index.ts';
import { guardSettings, settingsOf } from '../../shared/model/guard-settings.ts';
import { policySchema } from '../../shared/model/policy.ts';

type Schema = { properties?: Record<string, Schema> };

test('what governs guards is known of all of them, and of nothing else', () => {
  expect(guards.map(({ id }) => id).sort()).toEqual(Object.keys(guardSettings).sort());
  expect([settingsOf('toString'), settingsOf('a-new-one')]).toEqual([null, null]);
});

test.each(Object.entries(guardSettings))('what governs %s is a setting of the policy, or a sentence', (_, { settings, ...rest }) => {
  const policy = z.toJSONSchema(policySchema, { io: 'input' }) as Schema;
  for (const setting of settings) {
    const found = setting.split('.').reduce<Schema | undefined>((schema, key) => schema?.properties?.[key], policy);
    expect([setting, found]).toEqual([setting, expect.objectContaining({ description: expect.any(String) })]);
  }
  expect(Object.values(rest).join()).toMatch(settings.length > 0 ? /^$/ : /^\S.{10,}/);
});

/** Guards whose settings are read for them: what they judge by is in the effective policy or in another file. */
const elsewhere = new Set(['mode', 'validation-record', 'zone', 'mass-failure', 'lease', 'can-start-again']);

test.each(Object.entries(guardSettings).filter(([id, { settings }]) => settings.length > 0 && !elsewhere.has(id)))(
  '%s reads the settings that are said to govern it',
  (id, { settings }) => {
    const source = readFileSync(new URL(`../../shared/guards/${id}.ts`, import.meta.url), 'utf8');
    for (const setting of settings as readonly string[]) expect(source).toMatch(new RegExp(`\\b${setting.split('.').at(-1)}\\b`));
  },
);
