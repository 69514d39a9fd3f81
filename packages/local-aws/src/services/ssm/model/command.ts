import type { DocumentEffect } from '../../../core/document-effect.ts';
import type { CommandContent } from './content.ts';
import type { Document, DocumentVersion } from './documents.ts';

/** The short status of each detailed one: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html */
export const statuses = {
  Pending: 'Pending',
  InProgress: 'InProgress',
  Delayed: 'Delayed',
  Cancelling: 'Cancelling',
  Success: 'Success',
  Failed: 'Failed',
  Cancelled: 'Cancelled',
  DeliveryTimedOut: 'TimedOut',
  ExecutionTimedOut: 'TimedOut',
  // What the page doesn't say of these two is assumed.
  Undeliverable: 'Failed',
  Terminated: 'Cancelled',
} as const;

export type StatusDetails = keyof typeof statuses;

export type Command = {
  readonly id: string;
  readonly document: Document;
  readonly version: DocumentVersion;
  readonly content: CommandContent;
  /** As the caller named it; empty where he left it to the document's default. */
  readonly wantedVersion: string;
  readonly parameters: Readonly<Record<string, string[]>>;
  readonly comment: string;
  readonly requestedAt: number;
  /** Reads show it from then on. */
  readonly visibleAt: number;
  readonly timeoutSeconds: number;
  /** It doesn't start after this, and whoever has not told its end by `expiresAt` is no longer waited for. */
  readonly startBy: number;
  readonly expiresAt: number;
  readonly executionSeconds: number;
  readonly maxConcurrency: string;
  readonly maxErrors: string;
  readonly invocations: Invocation[];
};

export type Invocation = {
  readonly command: Command;
  readonly instanceId: string;
  details: StatusDetails;
  /** Whether it has been handed to those who deliver it; the others wait for their turn. */
  sent: boolean;
  /** While it runs: in which boot, with which effect, and whether that has been had. */
  run: { readonly boots: number; effect: DocumentEffect; done: boolean } | undefined;
  startedAt: number | undefined;
  endedAt: number | undefined;
  exitCode: number;
  stdout: string;
  stderr: string;
};

const isError = ({ details }: Invocation) => details === 'Failed' || details === 'ExecutionTimedOut';

export const errorsOf = (command: Command): number => command.invocations.filter(isError).length;
