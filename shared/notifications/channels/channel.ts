import type { Clients } from '../../aws/clients.ts';
import type { Approval } from '../../model/approval.ts';
import type { ChannelId } from '../../model/channel-id.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Policy } from '../../model/policy.ts';
import type { Channel, Interim } from '../../ports/reporter.ts';
import type { Home } from '../links.ts';

/** What a deployment has for channels to report by. */
export type Deployment = Pick<Clients, 'sns' | 'eventBridge'> & {
  topicArn: string;
  /** Where a chat listens: a topic of its own, since a chat reads only messages of its own form. */
  chatTopicArn?: string;
  busName: string;
  /** Writes a line that CloudWatch reads metrics from. */
  log: (line: string) => void;
  /** The namespace of the metrics in CloudWatch. */
  namespace?: string;
  /** Outcomes that go to a topic of their own. */
  routes?: Policy['routes'];
  /** Where people read what to do. */
  runbooks?: Policy['runbooks'];
  /** Where selfheal itself runs; without it, no message links there. */
  home?: Home | null;
};

/** What a deployment has for channels to ask by. */
export type Desk = Pick<Clients, 'sns'> & {
  /** Whoever subscribes to this topic can decide. */
  topicArn: string;
  chatTopicArn?: string;
};

/** Throws what the SDK throws. `repeat`: somebody may have got it already. */
type Reports = {
  outcome(outcome: Outcome, repeat?: boolean): Promise<void>;
  /** Also what opens an incident that goes on. A channel without it waits for the outcome. */
  interim?(interim: Interim): Promise<void>;
};

/** Throws what the SDK throws. */
type Questions = {
  /** Throws where a question would reach nobody: then it isn't kept. */
  check?(): Promise<void>;
  /** The link decides: it is for the channels alone that reach those who may. */
  question(approval: Approval, link: string, repeat?: boolean): Promise<void>;
};

/** A way to tell people or programs. */
export type ChannelModule = {
  id: ChannelId;
  /** Whether it gets outcomes about which people have nothing to do or to know. */
  quiet: boolean;
  /** An interim or a question has been told once this channel has it: the others get it once, if they can. */
  essential: boolean;
  /** Null where the deployment has no such channel. */
  reports: { permissions: readonly string[]; open(deployment: Deployment): Reports | null };
  /** How it asks for a decision, if it does. */
  questions?: { permissions: readonly string[]; open(desk: Desk): Questions | null };
};

/** A channel that is there, with what its module says of it. */
export type ReportChannel = Channel & Pick<ChannelModule, 'essential'> & Pick<Reports, 'interim'>;
