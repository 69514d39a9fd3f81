import { minutes } from '../model/duration.ts';
import { isContainerHost } from './conditions.ts';
import { watch } from './playbook.ts';

/** "Several times per hour": https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html */
export const agentReconnects = watch({
  because: 'agents disconnect and reconnect in normal operation',
  atMost: minutes(5),
  when: [isContainerHost],
});
