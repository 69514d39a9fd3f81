import Sequencer from '@jest/test-sequencer';

/** What takes longest, the longest first. */
const long = ['test/worlds/scenarios.test.ts', 'test/simulate/simulate.test.ts', 'test/template.test.ts', 'test/invoke-local.test.ts'];

const rank = ({ path }) => {
  const found = long.findIndex((name) => path.endsWith(name));
  return found === -1 ? long.length : found;
};

/** Begins with what takes long: begun last, one file keeps one core busy while the others are idle, as in a fresh clone. */
export default class LongestFirst extends Sequencer {
  async sort(tests) {
    return [...(await super.sort(tests))].sort((a, b) => rank(a) - rank(b));
  }
}
