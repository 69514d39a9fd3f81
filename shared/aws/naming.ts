type Sendable = { send: (...args: never[]) => Promise<unknown>; config: unknown };

/** What IAM calls a service whose requests are signed for another name. */
const services: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

/**
 * Has every error of a client say which call it is of, as IAM names it: `ec2:RebootInstances`. Whoever reads at night that something is
 * denied has to know what. Changes the client and gives it back.
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
      throw typeof error === 'object' && error !== null ? Object.assign(error, { call }) : error;
    }
  };
  return client;
};
