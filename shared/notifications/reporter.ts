import { withoutInvisible } from '../model/text.ts';
import type { Interim, Reporter } from '../ports/reporter.ts';
import type { Deployment, ReportChannel } from './channels/channel.ts';
import { channels } from './channels/index.ts';
import { undeliveredMetricOf } from './metrics.ts';

const cannotRequest: Reporter['requestApproval'] = async () => {
  throw new Error('there is no page here on which a person could decide');
};

/** Creates the reporter of a deployment's channels. `requestApproval` and `decided` serve approvals, if there is an approval page. */
export const createReporter = (
  deployment: Deployment,
  { requestApproval = cannotRequest, decided, whyNotTwo }: Partial<Pick<Reporter, 'requestApproval' | 'decided' | 'whyNotTwo'>> = {},
): Reporter => {
  const open = channels.flatMap(({ id, quiet, essential, withRecord = false, reports }): ReportChannel[] => {
    const opened = reports.open(deployment);
    return [opened ?? []]
      .flat()
      .map(({ name, ...one }) => ({ id: name === undefined ? id : `${id}/${name}`, quiet, essential, withRecord, ...one }));
  });
  return {
    channels: open,
    interim: async (interim, again = false) => {
      const concerned = open.filter(({ essential }) => essential || !again);
      // A failed channel doesn't stop the others, and a notification of people isn't repeated because of a program.
      const said: Interim = again ? { ...interim, repeat: true } : interim;
      const results = await Promise.allSettled(concerned.map((channel) => channel.interim?.(said)));
      for (const [index, result] of results.entries()) if (concerned[index]?.essential && result.status === 'rejected') throw result.reason;
    },
    digest: async (bulletin) => {
      for (const { essential, digest } of open) if (essential) await digest?.(bulletin);
      // People have it by now, so that a chat's failure must not send it again.
      await Promise.allSettled(open.map(async ({ essential, digest }) => !essential && digest?.(bulletin)));
    },
    requestApproval,
    ...(decided ? { decided } : {}),
    ...(whyNotTwo ? { whyNotTwo } : {}),
    undelivered: async (channel, incident, at) =>
      deployment.log(JSON.stringify(undeliveredMetricOf(channel, incident, at, deployment.namespace), withoutInvisible)),
  };
};
