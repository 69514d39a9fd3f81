import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { drawScenario } from '../../local/simulate/draw.ts';
import { playHere } from '../../local/simulate/pool.ts';
import { type Sabotage, sabotages } from '../../local/simulate/sabotage.ts';
import { cell, code, fill, table } from './markdown.ts';

/** Where it is to be found by then, the simulation notices a sabotage. */
export const maxSeeds = 200;

const page = new URL('../../docs/safety.md', import.meta.url);
const part = 'sabotages';
const heads = ['sabotage', 'what is broken', 'promise', 'worlds', 'minutes', 'seed'];

/** How a sabotage is shown: the kind of its worlds, and how long things break in them. */
export const worldsOf = ({ kind, minutes = 12 }: Sabotage) => ({ minutes, ...(kind ? { kind } : {}) });

/** What a drawn world says that may show a sabotage, where most don't: the others needn't be played. */
const telling: Readonly<Record<string, string>> = {
  'no-mode': '"mode":"dry-run"',
  'dry-run-acts': '"mode":"dry-run"',
  'no-alarm-actions': '"selfmade"',
  'second-healer': '"selfmade"',
  'ignore-disabled-actions': '"quiet"',
  'no-launch-check': '"barren"',
  'replace-in-failing-group': '"barren"',
  'unregistered-successors': '"AddToLoadBalancer"',
  'terminate-suspended': '"held":{',
  'ignore-suspended': '"held":{',
  'no-cluster-share': '"lose-container-agent"',
  'drain-whole-cluster': '"lose-container-agent"',
  'no-queue-check': '"queues":{"',
  'redrive-poison': '"poison-messages"',
  'treat-what-is-owned': '"node":{',
  'trust-accepted-start': '"keyed"',
  'forget-what-was-stopped': '"stranded"',
  'forget-to-register': '"served-1"',
  'drain-the-last': '"on":"served-4"',
  'believe-silence': '"silent-beats"',
  'any-document': '"commanded"',
  'exit-code-is-healed': '"remedies":false',
  'run-twice': '"SendCommand"',
  'probe-private-address': '"served-1"',
  'restart-anything': '"leaking"',
  'stop-instance-store': '"store":{',
  'ignore-kill-switch': '"do":"switch","to":"off"',
  'switch-remembered': '"do":"switch","to":"off"',
  'unreadable-switch-is-on': '"GetParameter"',
  'dry-run-switch-is-on': '"to":"dry-run"',
  'young-is-nothing-new': '"bad-release"',
  'count-by-instance': '"bad-release"',
  'replacements-forgotten': '"bad-release"',
  'no-pause': '"pause"',
  'no-calendar': '"freeze"',
  'no-protection': '"protect"',
  'standby-serves': '"enter-standby"',
  'no-approval': '"approval"',
  'no-budget': '"relapse"',
  'budget-off-by-one': '"relapse"',
  'short-memory': '"relapse"',
  'attempts-forgotten': '"relapse"',
  'maximum-off-by-one': '"bounded"',
  'ignore-max-size': '"bounded"',
};

/** A seed at which the observer objects as expected, and to what: `known` if it still does; null if there is none. */
const objectionTo = async (name: string, known: number): Promise<{ seed: number; promise: string } | null> => {
  const sabotage = sabotages[name];
  if (!sabotage) throw new Error(`there is no sabotage ${name}`);
  let found: { seed: number; promise: string } | null = null;
  const all = Array.from({ length: maxSeeds }, (_, i) => i + 1).filter((seed) =>
    JSON.stringify(drawScenario(seed, worldsOf(sabotage))).includes(telling[name] ?? ''),
  );
  for (const seeds of known > 0 ? [[known], all] : [all]) {
    await playHere({ seeds, options: worldsOf(sabotage), sabotage: name }, ({ seed, violations }) => {
      const own = violations.find(({ promise }) => sabotage.breaks.includes(promise));
      if (own) found ??= { seed, promise: own.promise };
      return found !== null;
    });
    if (found) break;
  }
  return found;
};

/** The table as it stands: each row by the name of its sabotage. */
export const rowsIn = (text: string): Map<string, string[]> => {
  const [, own = ''] = text.split(`<!-- generated: ${part} -->`);
  const lines = own.split(`<!-- end of ${part} -->`)[0]?.split('\n') ?? [];
  const rows = lines.filter((line) => line.startsWith('| `')).map((line) => line.slice(2, -2).split(' | '));
  return new Map(rows.map((cells) => [(cells[0] ?? '').replaceAll('`', ''), cells]));
};

// Run as a program: node tools/docs/sabotages.ts [NAME…]
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const asked = process.argv.slice(2);
  for (const name of asked.length > 0 ? asked : Object.keys(sabotages)) {
    const found = await objectionTo(name, Number(rowsIn(readFileSync(page, 'utf8')).get(name)?.at(-1)) || 0);
    if (!found) process.exitCode = 1;
    const { summary, kind } = sabotages[name] as Sabotage;
    const { minutes } = worldsOf(sabotages[name] as Sabotage);
    const row = [code(name), summary, code(found?.promise ?? '?'), kind ?? 'the usual mix', `${minutes}`, `${found?.seed ?? '?'}`];
    process.stdout.write(`${row.join(' | ')}\n`);
    const text = readFileSync(page, 'utf8');
    const rows = rowsIn(text);
    if (found) rows.set(name, row.map(cell));
    else rows.delete(name);
    // What there is no longer goes.
    const kept = Object.keys(sabotages).flatMap((known) => [rows.get(known) ?? []].filter((cells) => cells.length > 0));
    writeFileSync(
      page,
      fill(text, part, `${table(heads, kept)}\n\nOf ${Object.keys(sabotages).length} sabotages, ${kept.length} have a seed here.`),
    );
  }
  // Timers that the durable SDK leaves behind would keep the process alive.
  process.exit();
}
