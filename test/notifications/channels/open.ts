import type { ChannelModule, Deployment } from '../../../shared/notifications/channels/channel.ts';
import { type Answer, recordingClients } from '../../aws/recorder.ts';
import { outcome } from '../../remediation/examples.ts';

export const topicArn = 'arn:aws:sns:us-east-1:123456789012:outcomes';
export const page = 'https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#InstanceDetails:instanceId=i-0a1b2c3d4e5f60718';

/** A deployment whose calls all get one answer, unless it depends on the call. */
export const deploymentOf = (answer: Answer | ((call: string, input: Record<string, unknown>) => Answer) = { output: {} }) => {
  const { clients, calls } = recordingClients(typeof answer === 'function' ? answer : () => answer);
  const lines: string[] = [];
  const deployment: Deployment & Pick<typeof clients, 'ssm'> = {
    ...clients,
    topicArn,
    busName: 'default',
    log: (line) => lines.push(line),
  };
  return { deployment, calls, lines };
};

/** A channel of that deployment, what it calls, and what it logs. */
export const openChannel = ({ reports }: ChannelModule, change: Partial<Deployment> = {}, answer?: Parameters<typeof deploymentOf>[0]) => {
  const { deployment, calls, lines } = deploymentOf(answer);
  const [opened] = [reports.open({ ...deployment, ...change }) ?? []].flat();
  if (opened === undefined) throw new Error('the deployment has no such channel');
  return { ...opened, calls, lines };
};

export const longStory = outcome({
  timeline: Array.from({ length: 5000 }, (_, index) => ({
    at: '2026-11-20T12:00:00.000Z',
    phase: 'look',
    text: `${index} ${'x'.repeat(590)}`,
  })),
});
