import { inProcess, type LocalAws } from '#local-aws';
import { placeStack, type StackTemplate } from '../../local/testbed/place-stack.ts';
import { createClients } from '../../shared/aws/clients.ts';

/** Makes a stack in an account and region, as whoever owns that. */
export const place = (
  aws: LocalAws,
  template: StackTemplate,
  parameters: Readonly<Record<string, string>> = {},
  inRegion?: Parameters<typeof placeStack>[4],
) => {
  const { account: accessKeyId, region } = aws.world;
  const config = { region, endpoint: 'http://local', requestHandler: inProcess(aws.handle) };
  return placeStack(
    aws,
    createClients({ ...config, credentials: { accessKeyId, secretAccessKey: 'local' } }),
    template,
    parameters,
    inRegion,
  );
};
