import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The house, from the ground up: a room may use what lies below its own floor, and nothing beside or above. */
const floors = [
  'model', // what things are: resources, signals, incidents, outcomes, the policy
  'ports', // what the product asks of the world, as types
  'aws', // the world: one client factory, and an adapter for each port
  'resources', // one file for each resource type: how it is observed
  'signals', // events in, signals out
  'failures', // signals in, classifications out
  'health', // what "healthy" means
  'actions', // what can be done
  'playbooks', // in which order it is tried
  'policy', // what an operator allows, for one incident
  'guards', // why it is not done now
  'remediation', // one incident, from its first look to its outcome
  'notifications', // what people and machines are told
  'approvals', // questions, and the answers to them
  'intake', // deliveries in, executions started
  'recovery', // executions that died, and what they left behind
  'recommended-alarms', // alarms that should be there
  'dashboard', // the widget
  'handlers', // one for each function
  'compose', // the wiring
] as const;

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
    .map((path) => join(folder, path))
    .sort();

/** What a file imports of the project's own, types as well. */
const importsOf = (path: string): string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, name = '']) =>
    normalize(join(dirname(path), name)),
  );

const roomOf = (path: string): string => path.split('/')[1] ?? '';
const floorOf = (path: string): number => (floors as readonly string[]).indexOf(roomOf(path));

describe('shared', () => {
  test('has no room that the floor plan does not show, and no loose file', () => {
    const rooms = [...new Set(filesIn('shared').map((path) => path.split('/')[1] ?? ''))];
    expect(rooms.sort()).toEqual([...floors].sort());
  });

  test('imports downwards only', () => {
    const upwards = filesIn('shared').flatMap((path) =>
      importsOf(path)
        .filter((name) => roomOf(name) !== roomOf(path) && floorOf(name) >= floorOf(path))
        .map((name) => `${path} imports ${name}`),
    );
    expect(upwards).toEqual([]);
  });
});
