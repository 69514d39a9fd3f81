import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { floors, type Room, rooms } from './floor-plan.ts';
import { code, table } from './markdown.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a file imports of the project's own and runs: types are gone at run time. */
const runs = (path: string): string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/^(?:import|export) (?!type\b)([^;]*?)from '(\.[^']+)';/gm)]
    .filter(([, names = '']) => !/^\{(?:\s*type \w+(?: as \w+)?,?\s*)+\}\s*$/.test(names))
    .map(([, , name = '']) => normalize(join(dirname(path), name)));

const roomOf = (path: string): Room | null => rooms.find((room) => path.startsWith(`shared/${room}/`)) ?? null;

type Entered = { by: Set<Room>; at: Set<string> };

/** Every room that a function's code reaches, with the files by which it is entered and the rooms that enter it. */
const reachedFrom = (start: string): Map<Room, Entered> => {
  const found = new Map<Room, Entered>();
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const next of runs(path)) {
      const [from, to] = [roomOf(path), roomOf(next)];
      if (to !== null && to !== from) {
        const entered = found.get(to) ?? { by: new Set(), at: new Set() };
        if (from) entered.by.add(from);
        found.set(to, { by: entered.by, at: entered.at.add(next.slice(`shared/${to}/`.length)) });
      }
      visit(next);
    }
  };
  visit(start);
  return found;
};

/** From the top floor down. */
const downwards = (found: ReadonlyMap<Room, Entered>): Room[] => rooms.filter((room) => found.has(room)).reverse();

/** The rooms that a room enters without the help of another: what can be reached by way of one in between is left out of the picture. */
const arrows = (found: ReadonlyMap<Room, Entered>): [Room, Room][] => {
  const enters = (room: Room): Room[] => [...found].filter(([, { by }]) => by.has(room)).map(([to]) => to);
  const reach = (room: Room): Set<Room> => new Set(enters(room).flatMap((next) => [next, ...reach(next)]));
  return downwards(found).flatMap((room) =>
    enters(room)
      .filter((to) => !enters(room).some((other) => other !== to && reach(other).has(to)))
      .map((to): [Room, Room] => [room, to]),
  );
};

const picture = (title: string, start: string): string => {
  const found = reachedFrom(start);
  const [top] = downwards(found);
  return [
    '```mermaid',
    'flowchart TD',
    `  entry["${title}"] --> ${top}`,
    ...arrows(found).map(([from, to]) => `  ${from} --> ${to}`),
    '```',
  ].join('\n');
};

/** So many entrances of a room are named; a room of declarations has one for each. */
const most = 4;

const walk = (start: string): string => {
  const found = reachedFrom(start);
  return table(
    ['room', 'what it is for', 'entered by'],
    downwards(found).map((room) => {
      const files = [...(found.get(room)?.at ?? [])].sort();
      const named = files.slice(0, most).map(code);
      return [code(room), floors[room], `${named.join(', ')}${files.length > most ? ` and ${files.length - most} more` : ''}`];
    }),
  );
};

/** The generated parts of docs/architecture.md: the rooms that an alarm passes, as the imports say. */
export const architectureParts = (): Record<string, string> => ({
  plan: table(
    ['room', 'what it is for'],
    rooms.toReversed().map((room) => [`\`shared/${room}/\``, floors[room]]),
  ),
  'intake-picture': picture('functions/intake.ts', 'functions/intake.ts'),
  'intake-walk': walk('functions/intake.ts'),
  'remediate-picture': picture('functions/remediate.ts', 'functions/remediate.ts'),
  'remediate-walk': walk('functions/remediate.ts'),
});
