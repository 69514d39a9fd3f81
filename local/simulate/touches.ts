import type { Interceptor, LocalAws } from '#local-aws';

/** Services by whose calls selfheal acts on what may serve users; of others it asks, or tells them something. */
const services: ReadonlySet<string> = new Set(['ec2', 'autoscaling', 'elasticloadbalancing', 'ssm']);
const reads = /^(Describe|Get|List)/;

/** Targets to which users' requests go, and the groups that they are members of. */
const servingIn = ({ loadBalancing, autoScaling }: LocalAws): Set<string> => {
  const ids = new Set(
    loadBalancing.list().flatMap(({ requests, targets }) => (requests.total > 0 ? targets.map(({ instanceId }) => instanceId) : [])),
  );
  for (const { name, memberIds } of autoScaling.list()) if (memberIds.some((id) => ids.has(id))) ids.add(name);
  return ids;
};

const namesIn = (input: unknown): unknown[] =>
  typeof input === 'object' && input !== null ? Object.values(input).flatMap(namesIn) : [input];

/** Sees whether selfheal has acted on anything that users' requests go to: only there can they be better or worse for it. */
export const createTouches = () => {
  let aws: LocalAws | undefined;
  let touched = false;
  const touching = new WeakSet<object>();
  const interceptor: Interceptor = {
    before: (call) => {
      const { service, operation, input, context } = call;
      if (!aws || touched || context.accessKey !== 'selfheal' || !services.has(service) || reads.test(operation)) return;
      if ((input as { DryRun?: boolean }).DryRun) return;
      // It may have left its target group by the time that the call is over.
      const serving = servingIn(aws);
      if (namesIn(input).some((name) => typeof name === 'string' && serving.has(name))) touching.add(call);
    },
    after: (call) => {
      touched ||= touching.has(call);
      return undefined;
    },
  };
  return {
    interceptor,
    watch: (world: LocalAws): void => {
      aws = world;
    },
    touched: () => touched,
  };
};
