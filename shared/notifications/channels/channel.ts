import type { Clients } from '../../aws/clients.ts';
import type { ChannelId } from '../../model/channel-id.ts';
import { isWithin, nobody, type Within } from '../../model/organization.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Place } from '../../model/place.ts';
import type { Policy } from '../../model/policy.ts';
import type { Post } from '../../ports/post.ts';
import type { Bulletin, Channel, Interim } from '../../ports/reporter.ts';
import type { Home } from '../links.ts';
import type { Question } from '../question.ts';

/** What channels need to report. */
export type Deployment = Pick<Clients, 'sns' | 'eventBridge'> & {
  topicArn: string;
  /** The chat's topic. It is separate, since a chat only reads messages in its own form. */
  chatTopicArn?: string;
  busName: string;
  /** Writes a line in CloudWatch's embedded metric format. */
  log: (line: string) => void;
  /** The CloudWatch namespace of the metrics. */
  namespace?: string;
  /** Sends some outcomes to other topics. */
  routes?: Policy['routes'];
  /** The units that routes and channels select by; none if left out. */
  organization?: Policy['organization'];
  /** Links to runbooks. */
  runbooks?: Policy['runbooks'];
  /** Where selfheal runs; without it, messages have no links there. */
  home?: Home | null;
  /** What the policy names; without it, there are no such channels. */
  outside?: Outside;
};

/** The channels that the policy names, and what it takes to reach them. */
export type Outside = {
  channels: Policy['channels'];
  ssm: Pick<Clients['ssm'], 'send'>;
  post: Post;
  /** Reads a secret by its name. */
  secret: (name: string) => Promise<string>;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** Whether a channel hears of an account and region, by what the policy says of it. */
export const hearsOf = (when: Within | undefined, at: Place, { organization = nobody }: Pick<Deployment, 'organization'>): boolean =>
  when === undefined || isWithin(when, at, organization);

/** What channels need to ask for approval. */
export type Desk = Pick<Clients, 'sns'> & {
  /** Subscribers of this topic can decide. */
  topicArn: string;
  chatTopicArn?: string;
};

/**
 * How a channel reports. `repeat`: it may have been sent already.
 * @throws whatever the SDK throws, from all methods
 */
export type Reports = {
  /** Which one it is, where there may be several of a kind. */
  name?: string;
  outcome(outcome: Outcome, repeat?: boolean): Promise<void>;
  /** Also the beginning of an episode. A channel without this method waits for the outcome. */
  interim?(interim: Interim): Promise<void>;
  /** What became of past incidents, for channels that people read. */
  digest?(bulletin: Bulletin): Promise<void>;
};

/** Throws what the SDK throws. */
type Questions = {
  /** @throws {Error} if a request would not reach anyone: then it isn't stored */
  check?(): Promise<void>;
  /** The link allows deciding, so only channels that reach approvers may show it. */
  question(approval: Question, link: string, repeat?: boolean): Promise<void>;
};

/** A channel of notification, for people or programs. */
export type ChannelModule = {
  id: ChannelId;
  /** Whether it gets quiet outcomes, which people needn't know about. */
  quiet: boolean;
  /** An interim notification or a request counts as delivered once this channel has it; other channels get it once, if possible. */
  essential: boolean;
  /**
   * It is notified in the step that records the outcome, which saves one. If the process dies before the step is checkpointed, it is notified once
   * more: so only programs are, which know a copy by its incident.
   */
  withRecord?: true;
  /** Null if the deployment has no such channel. `permissions`: what it needs wherever it is deployed. */
  reports: { permissions: readonly string[]; open(deployment: Deployment): Reports | readonly Reports[] | null };
  /** How it asks for approval, if it does. */
  questions?: { permissions: readonly string[]; open(desk: Desk): Questions | null };
};

/** A channel of the deployment, with its module's properties. */
export type ReportChannel = Channel & Pick<ChannelModule, 'essential'> & Pick<Reports, 'interim' | 'digest'>;
