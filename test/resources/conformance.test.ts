import { describe, expect, test } from '@jest/globals';
import { places } from '../../local/testbed/incident-resources.ts';
import type { Incident } from '../../shared/model/incident.ts';
import { resourceTypes } from '../../shared/model/resource.ts';
import { typesOfResource } from '../../shared/model/resources/index.ts';
import { resourceKinds } from '../../shared/resources/index.ts';
import { isObservedItself, kindsOf, trailNameOf } from '../../shared/resources/observe.ts';
import { incident } from '../remediation/examples.ts';
import { createObserved, type Observed } from './observing.ts';
import { samples } from './samples.ts';

const inWorld = async <Value>(run: (world: Observed) => Promise<Value>): Promise<Value> => {
  const world = await createObserved();
  try {
    return await run(world);
  } finally {
    await world.close();
  }
};

/** A region is a place, which AWS has no state of. */
const withoutLook = ['region'];
/** Of these AWS tells no time. */
const ageless = ['target-group', 'availability-zone'];

describe('the kinds of resource', () => {
  test('cover every type that the classifier can name', () => {
    const covered = new Set<string>(resourceKinds.flatMap(({ types }) => types));
    const own = resourceTypes.filter((type) => typesOfResource[type].observed === 'own');
    expect([...covered, ...own, ...withoutLook].sort()).toEqual([...resourceTypes].sort());
  });

  test('have a sample each, and are put into the world by replay', () => {
    const ids = resourceKinds.map(({ id }) => id).sort();
    expect(Object.keys(samples).sort()).toEqual(ids);
    expect(Object.keys(places).sort()).toEqual(ids);
  });
});

describe.each(resourceKinds)('a look at a kind of resource: $id', (kind) => {
  const { id, permissions, noun } = kind;
  const about = samples[id] as Incident;

  test('is had for its sample, and for nothing of another type', () => {
    expect(kindsOf(about)[0]).toBe(kind);
    expect(isObservedItself(about)).toBe(false);
    for (const other of Object.values(samples)) if (!kind.types.includes(other.resource.type)) expect(kindsOf(other)).not.toContain(kind);
    expect(trailNameOf(about)).toBe(kind.trailName(about));
  });

  test('finds what is there, with its state, by those calls alone that it has permissions for', () =>
    inWorld(async (world) => {
      await world.place(about);
      const seen = await world.look(about);
      expect(seen.result).toBe('found');
      expect(seen.line).toMatch(new RegExp(`^${noun} `));
      expect(seen.line).toContain(about.resource.id);
      expect(seen.line).not.toMatch(/undefined|null|NaN|unknown|\[object/);
      const calls = world.aws.world.calls.filter(({ accessKey }) => accessKey === 'selfheal');
      const made = calls.map(({ service, operation }) => `${service}:${operation}`);
      expect(made.filter((call) => !permissions.includes(call))).toEqual([]);
      expect(calls.map(({ error }) => error)).toEqual(calls.map(() => null));
    }));

  test('tells how old its state is, unless AWS tells nothing of the kind', () =>
    inWorld(async (world) => {
      await world.place(about);
      const { line } = await world.look(about);
      if (ageless.includes(id)) expect(line).toContain("AWS doesn't say since when");
      else expect(line).toMatch(/(since|created|changed at|published at|began at) \d/);
    }));

  test('says that it is gone only where AWS says so', () =>
    inWorld(async (world) => {
      const seen = await world.look(about);
      // A region has its zones, and AWS has no code of its own for one that there is none of.
      expect(seen.result).toBe(id === 'availability-zone' ? 'found' : 'gone');
      if (seen.result === 'found') return;
      expect(seen.line).toMatch(/AWS says that there is no such resource \(/);
    }));

  test('says which permission it lacks, where AWS denies every call', () =>
    inWorld(async (world) => {
      await world.place(about);
      world.refuse(permissions[0]?.split(':')[0] as never, '*', 'AccessDenied');
      const seen = await world.look(about);
      expect(seen.result).toBe('denied');
      const named = /selfheal isn't allowed to look \(([^)]+)\)$/.exec(seen.line)?.[1];
      expect(permissions).toContain(named);
    }));

  test('takes an empty answer for no answer', () =>
    inWorld(async (world) => {
      await world.place(about);
      world.empty();
      const seen = await world.look(about).catch(({ name }) => ({ result: name, line: '' }));
      expect(seen.result).not.toBe('gone');
      expect(seen.line).not.toMatch(/there is no such/);
    }));

  test('is tried again by whoever asks where AWS is too busy or fails', () =>
    inWorld(async (world) => {
      await world.place(about);
      world.refuse(permissions[0]?.split(':')[0] as never, '*', 'InternalError', 500);
      await expect(world.look(about)).rejects.toThrow();
    }));

  test('has a line for any name', () =>
    inWorld(async (world) => {
      const name = `a\u202e"${'x'.repeat(400)}\n<b> $& \u0000`;
      const hostile = incident({ ...about, resource: { ...about.resource, id: about.resource.id + name } });
      const seen = await world.look(hostile).catch(({ message }) => ({ result: 'failed', line: String(message) }));
      expect(seen.line.length).toBeLessThanOrEqual(550);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may get through
      expect(seen.line).not.toMatch(/[\u0000-\u001f\u202e]/);
    }));
});

test('resources of two worlds are alike where their seeds are', async () => {
  const lines = async () =>
    inWorld(async (world) => {
      for (const about of Object.values(samples)) await world.place(about);
      const seen: string[] = [];
      for (const about of Object.values(samples)) seen.push((await world.look(about)).line);
      return seen;
    });
  expect(await lines()).toEqual(await lines());
});
