type Sendable = { send: (...args: never[]) => Promise<unknown>; config: unknown };

/** IAM names of services that sign requests under another name. */
const services: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

/**
 * Makes every error of a client name its call by the IAM action, such as `ec2:RebootInstances`, because "access denied" alone doesn't say
 * which permission is missing. Changes and returns the client.
 */
export const namingCalls = <Client extends object>(client: Client): Client => {
  const sdk = client as unknown as Sendable;
  const { defaultSigningName: signing = 'aws' } = sdk.config as { defaultSigningName?: string };
  const service = services[signing] ?? signing;
  const send = sdk.send.bind(sdk) as (command: object, ...rest: unknown[]) => Promise<unknown>;
  sdk.send = async (command: object, ...rest: unknown[]) => {
    try {
      return await send(command, ...rest);
    } catch (error) {
      const call = `${service}:${command.constructor.name.replace(/Command$/, '')}`;
      // One that has a call already is of another client: what this one has its credentials from.
      throw typeof error === 'object' && error !== null && !('call' in error) ? Object.assign(error, { call }) : error;
    }
  };
  return client;
};
