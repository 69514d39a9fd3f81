import type * as Sdk from '@aws-sdk/client-lambda';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { FunctionStore } from '../model/functions.ts';
import type { Hosted } from '../model/hosted.ts';
import { parseFunctionName } from '../model/name.ts';
import type { FunctionPolicies } from '../model/policies.ts';
import { type Lookup, notFound, type Out } from './common.ts';

/** There may be a pattern in what stands behind the account, and nowhere before. https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html */
const sourceForm = /^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9-])+:([a-z]{2}(-gov)?(-iso([a-z])?)?-[a-z]+-\d)?:(\d{12})?:(.*)$/;

/** What lets others invoke functions. Callers of another account are not served, so these policies speak of services alone. */
export const permissionOperations = (
  { partition }: World,
  policies: FunctionPolicies,
  { store, hosted, lookup: { arnOf } }: { store: FunctionStore; hosted: Hosted; lookup: Lookup },
): Service['operations'] => {
  const expect = (text: string | undefined, given: string | undefined) => {
    const { name, qualifier: inName } = parseFunctionName(text ?? '');
    const qualifier = given ?? inName;
    // What the host carries out is there, though nobody has created it.
    if (!store.get(name) && !hosted.mayHave) throw notFound(`Function not found: ${arnOf(name, qualifier)}`);
    return { name, qualifier };
  };
  const missing = () => new AwsError('ResourceNotFoundException', 'No policy is associated with the given resource.', 404);

  const add = (input: Sdk.AddPermissionCommandInput): Out<Sdk.AddPermissionCommandOutput> => {
    const { name, qualifier } = expect(input.FunctionName, input.Qualifier);
    const { StatementId: Sid = '', Action = '', Principal = '', SourceArn, SourceAccount, PrincipalOrgID } = input;
    if (SourceArn !== undefined && !sourceForm.test(SourceArn))
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${SourceArn.slice(0, 200)}' at 'sourceArn' failed to satisfy constraint: Member must satisfy regular expression pattern: ${sourceForm.source}`,
      );
    const equals = {
      ...(SourceAccount === undefined ? {} : { 'AWS:SourceAccount': SourceAccount }),
      ...(PrincipalOrgID === undefined ? {} : { 'aws:PrincipalOrgID': PrincipalOrgID }),
    };
    const Condition = {
      ...(Object.keys(equals).length > 0 ? { StringEquals: equals } : {}),
      ...(SourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': SourceArn } }),
    };
    const account = /^\d{12}$/.test(Principal) ? `arn:${partition}:iam::${Principal}:root` : Principal;
    const statement = {
      Sid,
      Effect: 'Allow',
      Principal: Principal.includes('.amazonaws.com') ? { Service: Principal } : { AWS: account },
      Action,
      Resource: arnOf(name, qualifier),
      ...(Object.keys(Condition).length > 0 ? { Condition } : {}),
    };
    policies.add(name, qualifier, statement);
    return { Statement: JSON.stringify(statement) };
  };

  return {
    AddPermission: operation<Sdk.AddPermissionCommandInput, Sdk.AddPermissionCommandOutput>(() => sdk.lambda().AddPermission$, add),
    RemovePermission: operation<Sdk.RemovePermissionCommandInput, Sdk.RemovePermissionCommandOutput>(
      () => sdk.lambda().RemovePermission$,
      ({ FunctionName, Qualifier, StatementId = '' }) => {
        const { name, qualifier } = expect(FunctionName, Qualifier);
        if (!policies.remove(name, qualifier, StatementId)) throw missing();
        return {};
      },
    ),
    GetPolicy: operation<Sdk.GetPolicyCommandInput, Sdk.GetPolicyCommandOutput>(
      () => sdk.lambda().GetPolicy$,
      ({ FunctionName, Qualifier }) => {
        const { name, qualifier } = expect(FunctionName, Qualifier);
        const Policy = policies.get(name, qualifier);
        if (Policy === undefined) throw missing();
        return { Policy };
      },
    ),
  };
};
