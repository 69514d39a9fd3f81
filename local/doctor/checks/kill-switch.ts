import { killSwitchPermissions } from '../../../shared/aws/kill-switch.ts';
import { errorName } from '../../../shared/model/errors.ts';
import { minuteOf } from '../../operate/minute.ts';
import { readSwitch } from '../../operate/switch.ts';
import { broken, type Check, ok } from '../check.ts';
import type { Placed } from '../placed.ts';

export const killSwitch: Check<Placed> = {
  id: 'kill-switch',
  reads: 'its parameter',
  permissions: killSwitchPermissions,
  look: async ({ ssm, stage, names, redeploy, place }) => {
    const read = await readSwitch({ ssm, names }).catch((error: unknown) => {
      if (errorName(error) === 'ParameterNotFound') return null;
      throw error;
    });
    if (read === null) return [broken(`there is no parameter ${names.killSwitch}, which counts as off`, redeploy)];
    const { position, since } = read;
    const said = `${position.slice(0, 20)}${since === null ? '' : ` since ${minuteOf(since)} UTC`}`;
    if (position === 'on') return [ok(said)];
    if (position === 'dry-run') return [ok(`${said}: it is only said what would be done`)];
    const why = position === 'off' ? 'nothing is done' : 'that is no position, and counts as off';
    return [broken(`${said}: ${why}`, `npx selfheal switch on --stage ${stage}${place.own}`)];
  },
};
