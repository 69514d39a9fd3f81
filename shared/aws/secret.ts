import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';

/**
 * IAM actions of the call; Parameter Store reads Secrets Manager on the caller's behalf. A test compares them with the packaged template.
 */
export const secretPermissions = ['ssm:GetParameter', 'secretsmanager:GetSecretValue'] as const;

/** The name of a secret in Parameter Store. */
export const secretReference = (secret: string): string => `/aws/reference/secretsmanager/${secret}`;

/**
 * Reads a secret through Parameter Store; empty if it has no text.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
 * @throws whatever the SDK throws
 */
export const readSecret = async (ssm: Pick<SSMClient, 'send'>, secret: string): Promise<string> => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: secretReference(secret), WithDecryption: true }));
  return Parameter?.Value ?? '';
};
