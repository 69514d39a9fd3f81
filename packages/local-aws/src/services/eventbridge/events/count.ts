import type { CloudWatch } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import type { Rule } from '../model/buses.ts';

/**
 * Namespace `AWS/Events`, in each minute in which there is something to count: a rule of the default bus by its name, one of another bus by
 * both names. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 * That a rule without a target counts as matched but not as triggered is assumed.
 */
export const createCounting =
  ({ clock }: Pick<World, 'clock'>, publish: CloudWatch['publish'] | undefined) =>
  (rules: readonly Rule[], bus = 'default'): void => {
    if (!publish) return;
    for (const { name: RuleName, targets } of rules) {
      const dimensions = bus === 'default' ? { RuleName } : { EventBusName: bus, RuleName };
      const counts = { MatchedEvents: 1, TriggeredRules: Math.min(1, targets.size), Invocations: targets.size };
      for (const [name, value] of Object.entries(counts))
        if (value > 0) publish({ namespace: 'AWS/Events', name, dimensions }, value, { at: clock.now(), unit: 'Count' });
    }
  };
