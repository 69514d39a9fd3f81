import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { CodedError } from '../model/errors.ts';
import { type Probe, probeAnswerSchema } from '../ports/probe.ts';

/** IAM actions of the call: packaging grants them only where the policy has `checks`. */
export const probePermissions = ['lambda:InvokeFunction'] as const;

/** The probe in a function of its own, which has no rights. */
export const createProbe =
  (lambda: LambdaClient, FunctionName: string): Probe =>
  async (request) => {
    const Payload = new TextEncoder().encode(JSON.stringify(request));
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    const text = new TextDecoder().decode(answer.Payload);
    if (answer.FunctionError) throw new CodedError('ProbeFailed', text.slice(0, 300));
    return probeAnswerSchema.parse(JSON.parse(text));
  };
