import { broken, type Check, ok, unknown } from '../check.ts';

/** Beyond this, times that people give (`pause --for`) mean something else to the deployment; signatures are refused at five minutes. */
const maxMs = 30_000;

export const clock: Check = {
  id: 'clock',
  reads: "the time in AWS's answers",
  permissions: [],
  look: async ({ skewMs, stage }) => {
    if (skewMs === null)
      return [
        stage === 'local' ? ok('the embedded AWS has a clock of its own, which is used') : unknown('AWS did not say what time it is'),
      ];
    const off = Math.abs(skewMs);
    if (off <= maxMs) return [ok("this machine's clock agrees with AWS's")];
    const said = `this machine's clock is ${Math.round(off / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} AWS's`;
    return [broken(said, 'sudo chronyc makestep')];
  },
};
