import type * as Sdk from '@aws-sdk/client-ecs';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import { isUnderWay, type Scheduler } from '../model/scheduler.ts';
import type { Shapes } from '../model/shapes.ts';
import type { EcsService, ServiceDeployment, ServiceRevision, State } from '../model/state.ts';
import { expectService, invalid, paged, within } from './arguments.ts';

/** Service deployments and the revisions that they are of. */
export const deploymentOperations = (state: State, shapes: Shapes, scheduler: Scheduler): Service['operations'] => {
  const services = (): EcsService[] => [...state.clusters.values()].flatMap((cluster) => [...cluster.services.values()]);

  const deploymentOf = (arn: string): { service: EcsService; deployment: ServiceDeployment } | undefined => {
    if (!arn.includes(':service-deployment/')) throw invalid(`Invalid identifier: ${arn.slice(0, 200)}`);
    for (const service of services()) {
      const deployment = service.deployments.find((one) => one.arn === arn);
      if (deployment) return { service, deployment };
    }
    return undefined;
  };

  const revisionOf = (arn: string): { service: EcsService; revision: ServiceRevision } | undefined => {
    if (!arn.includes(':service-revision/')) throw invalid(`Invalid identifier: ${arn.slice(0, 200)}`);
    for (const service of services()) {
      const revision = service.revisions.find((one) => one.arn === arn);
      if (revision) return { service, revision };
    }
    return undefined;
  };

  const missing = (arn: string) => ({ arn, reason: 'MISSING' });

  const stop = (input: Sdk.StopServiceDeploymentCommandInput): Omit<Sdk.StopServiceDeploymentCommandOutput, '$metadata'> => {
    const { serviceDeploymentArn: arn = '', stopType = 'ROLLBACK' } = input;
    if (stopType !== 'ROLLBACK' && stopType !== 'ABORT') throw invalid('Invalid stopType.');
    const found = deploymentOf(arn);
    if (!found) throw new AwsError('ServiceDeploymentNotFoundException', 'Service deployment not found.');
    const { service, deployment } = found;
    if (!isUnderWay(deployment))
      throw new AwsError('ConflictException', `Service deployment in ${deployment.status} state cannot be stopped.`);
    // That the first deployment of a service can't be rolled back is so by its nature; the code is assumed.
    if (stopType === 'ROLLBACK' && !scheduler.lastGood(service, deployment))
      throw new AwsError('ConflictException', 'There is no service revision to roll back to.');
    scheduler.stopDeployment(service, deployment, stopType);
    return { serviceDeploymentArn: arn };
  };

  return {
    ListServiceDeployments: operation<Sdk.ListServiceDeploymentsCommandInput, Sdk.ListServiceDeploymentsCommandOutput>(
      () => sdk.ecs().ListServiceDeployments$,
      (input) => {
        const service = expectService(state.expectCluster(input.cluster), input.service);
        const { status = [], createdAt: { after, before } = {} } = input;
        const all = service.deployments.filter(
          (one) =>
            (status.length === 0 || status.includes(one.status)) &&
            one.createdAt >= (after?.getTime() ?? 0) &&
            one.createdAt <= (before?.getTime() ?? Number.POSITIVE_INFINITY),
        );
        const { items, next } = paged(all.toReversed(), input, 20);
        return { serviceDeployments: items.map((one) => shapes.brief(service, one)), ...next };
      },
    ),
    DescribeServiceDeployments: operation<Sdk.DescribeServiceDeploymentsCommandInput, Sdk.DescribeServiceDeploymentsCommandOutput>(
      () => sdk.ecs().DescribeServiceDeployments$,
      ({ serviceDeploymentArns }) => {
        const rows = within(serviceDeploymentArns, 'ServiceDeploymentArns', 20).map((arn) => deploymentOf(arn) ?? missing(arn));
        return {
          serviceDeployments: rows.flatMap((row) => ('arn' in row ? [] : [shapes.deployment(row.service, row.deployment)])),
          failures: rows.flatMap((row) => ('arn' in row ? [row] : [])),
        };
      },
    ),
    DescribeServiceRevisions: operation<Sdk.DescribeServiceRevisionsCommandInput, Sdk.DescribeServiceRevisionsCommandOutput>(
      () => sdk.ecs().DescribeServiceRevisions$,
      ({ serviceRevisionArns }) => {
        const rows = within(serviceRevisionArns, 'ServiceRevisionArns', 20).map((arn) => revisionOf(arn) ?? missing(arn));
        return {
          serviceRevisions: rows.flatMap((row) => ('arn' in row ? [] : [shapes.revision(row.service, row.revision)])),
          failures: rows.flatMap((row) => ('arn' in row ? [row] : [])),
        };
      },
    ),
    StopServiceDeployment: operation<Sdk.StopServiceDeploymentCommandInput, Sdk.StopServiceDeploymentCommandOutput>(
      () => sdk.ecs().StopServiceDeployment$,
      stop,
    ),
  };
};
