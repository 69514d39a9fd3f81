import type * as Sdk from '@aws-sdk/client-iam';
import { AwsError } from '../../wire/protocol/errors.ts';
import { sdk } from '../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../wire/protocol/service.ts';
import type { Role, Roles } from './model/roles.ts';
import { simulate } from './model/simulate.ts';

/** As IAM writes policies into its answers. */
const encoded = (text: string): string => encodeURIComponent(text);

const described = ({ name, path, arn, id, createdAt, description, maxSessionSeconds, tags, trust, boundary }: Role) => ({
  RoleName: name,
  Path: path,
  Arn: arn,
  RoleId: id,
  CreateDate: new Date(createdAt),
  AssumeRolePolicyDocument: encoded(trust.text),
  MaxSessionDuration: maxSessionSeconds,
  ...(description !== undefined && { Description: description }),
  ...(boundary && {
    PermissionsBoundary: { PermissionsBoundaryType: 'PermissionsBoundaryPolicy' as const, PermissionsBoundaryArn: boundary.arn },
  }),
  ...(tags.size > 0 && { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) }),
});

/** Roles and their policies. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html */
export const roleOperations = (roles: Roles): Service['operations'] => ({
  CreateRole: operation<Sdk.CreateRoleCommandInput, Sdk.CreateRoleCommandOutput>(
    () => sdk.iam().CreateRole$,
    ({ RoleName = '', AssumeRolePolicyDocument = '', Path, Description, MaxSessionDuration, PermissionsBoundary, Tags = [] }) => ({
      Role: described(
        roles.create({
          name: RoleName,
          trust: AssumeRolePolicyDocument,
          tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
          ...(Path !== undefined && { path: Path }),
          ...(Description !== undefined && { description: Description }),
          ...(MaxSessionDuration !== undefined && { maxSessionSeconds: MaxSessionDuration }),
          ...(PermissionsBoundary !== undefined && { boundary: PermissionsBoundary }),
        }),
      ),
    }),
  ),
  GetRole: operation<Sdk.GetRoleCommandInput, Sdk.GetRoleCommandOutput>(
    () => sdk.iam().GetRole$,
    ({ RoleName = '' }) => ({ Role: described(roles.expect(RoleName)) }),
  ),
  DeleteRole: operation<Sdk.DeleteRoleCommandInput, Sdk.DeleteRoleCommandOutput>(
    () => sdk.iam().DeleteRole$,
    ({ RoleName = '' }) => {
      roles.remove(RoleName);
      return {};
    },
  ),
  UpdateAssumeRolePolicy: operation<Sdk.UpdateAssumeRolePolicyCommandInput, Sdk.UpdateAssumeRolePolicyCommandOutput>(
    () => sdk.iam().UpdateAssumeRolePolicy$,
    ({ RoleName = '', PolicyDocument = '' }) => {
      roles.trust(RoleName, PolicyDocument);
      return {};
    },
  ),
  PutRolePolicy: operation<Sdk.PutRolePolicyCommandInput, Sdk.PutRolePolicyCommandOutput>(
    () => sdk.iam().PutRolePolicy$,
    ({ RoleName = '', PolicyName = '', PolicyDocument = '' }) => {
      roles.putInline(RoleName, PolicyName, PolicyDocument);
      return {};
    },
  ),
  DeleteRolePolicy: operation<Sdk.DeleteRolePolicyCommandInput, Sdk.DeleteRolePolicyCommandOutput>(
    () => sdk.iam().DeleteRolePolicy$,
    ({ RoleName = '', PolicyName = '' }) => {
      roles.removeInline(RoleName, PolicyName);
      return {};
    },
  ),
  CreatePolicy: operation<Sdk.CreatePolicyCommandInput, Sdk.CreatePolicyCommandOutput>(
    () => sdk.iam().CreatePolicy$,
    ({ PolicyName = '', PolicyDocument = '', Path }) => {
      const { name, id, arn, createdAt } = roles.createPolicy(PolicyName, PolicyDocument, Path);
      return { Policy: { PolicyName: name, PolicyId: id, Arn: arn, CreateDate: new Date(createdAt), DefaultVersionId: 'v1' } };
    },
  ),
  AttachRolePolicy: operation<Sdk.AttachRolePolicyCommandInput, Sdk.AttachRolePolicyCommandOutput>(
    () => sdk.iam().AttachRolePolicy$,
    ({ RoleName = '', PolicyArn = '' }) => {
      roles.attach(RoleName, PolicyArn);
      return {};
    },
  ),
  DetachRolePolicy: operation<Sdk.DetachRolePolicyCommandInput, Sdk.DetachRolePolicyCommandOutput>(
    () => sdk.iam().DetachRolePolicy$,
    ({ RoleName = '', PolicyArn = '' }) => {
      roles.detach(RoleName, PolicyArn);
      return {};
    },
  ),
  PutRolePermissionsBoundary: operation<Sdk.PutRolePermissionsBoundaryCommandInput, Sdk.PutRolePermissionsBoundaryCommandOutput>(
    () => sdk.iam().PutRolePermissionsBoundary$,
    ({ RoleName = '', PermissionsBoundary = '' }) => {
      roles.bound(RoleName, PermissionsBoundary);
      return {};
    },
  ),
  DeleteRolePermissionsBoundary: operation<Sdk.DeleteRolePermissionsBoundaryCommandInput, Sdk.DeleteRolePermissionsBoundaryCommandOutput>(
    () => sdk.iam().DeleteRolePermissionsBoundary$,
    ({ RoleName = '' }) => {
      roles.bound(RoleName, undefined);
      return {};
    },
  ),
  SimulatePrincipalPolicy: operation<Sdk.SimulatePrincipalPolicyCommandInput, Sdk.SimulatePrincipalPolicyCommandOutput>(
    () => sdk.iam().SimulatePrincipalPolicy$,
    ({ PolicySourceArn = '', ActionNames = [], ResourceArns = ['*'], ContextEntries = [], ...others }) => {
      const [other] = Object.keys(others);
      if (other !== undefined) throw new AwsError('InvalidInput', `The local AWS simulates without ${other}.`);
      const role = roles.byArn(PolicySourceArn);
      if (!role) throw new AwsError('NoSuchEntity', `Entity ${PolicySourceArn.slice(0, 200)} cannot be found.`, 404);
      return {
        IsTruncated: false,
        EvaluationResults: simulate(role, ActionNames, ResourceArns, ContextEntries).map(
          ({ action, resource, decision, withinBoundary }) => ({
            EvalActionName: action,
            EvalResourceName: resource,
            EvalDecision: decision,
            ...(withinBoundary !== undefined && { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: withinBoundary } }),
          }),
        ),
      };
    },
  ),
});
