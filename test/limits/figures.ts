/** What AWS takes, in bytes; of several figures that it gives the smallest. */
export const limits = {
  /** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
  item: 400 * 1024,
  /** What one operation is checkpointed with, as AWS's own SDK has it (`CHECKPOINT_SIZE_LIMIT_BYTES`). */
  checkpoint: 256 * 1024,
  /**
   * SNS: 256 KB with its attributes, https://aws.amazon.com/sns/faqs/. EventBridge and asynchronous invocations took 256 KB and take 1 MB
   * since January 2026; the reference of `PutEvents` still has 256 KB,
   * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
   */
  message: 256 * 1024,
  /** What a synchronous invocation answers: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  response: 6 * 1024 * 1024,
} as const;

export const bytesOf = (value: unknown): number => Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value ?? null));
