/** The names of the operations that are answered, most of them by fauxqs. */
export const snsOperations = [
  ...['CreateTopic', 'DeleteTopic', 'ListTopics', 'GetTopicAttributes', 'SetTopicAttributes'],
  ...['Subscribe', 'Unsubscribe', 'ConfirmSubscription', 'ListSubscriptions', 'ListSubscriptionsByTopic'],
  ...['GetSubscriptionAttributes', 'SetSubscriptionAttributes', 'Publish', 'PublishBatch'],
  ...['TagResource', 'UntagResource', 'ListTagsForResource'],
];
export const sqsOperations = [
  ...['CreateQueue', 'DeleteQueue', 'GetQueueUrl', 'ListQueues', 'GetQueueAttributes', 'SetQueueAttributes', 'PurgeQueue'],
  ...['SendMessage', 'SendMessageBatch', 'ReceiveMessage', 'DeleteMessage', 'DeleteMessageBatch'],
  ...['ChangeMessageVisibility', 'ChangeMessageVisibilityBatch', 'TagQueue', 'UntagQueue', 'ListQueueTags'],
  ...['ListDeadLetterSourceQueues', 'StartMessageMoveTask', 'CancelMessageMoveTask', 'ListMessageMoveTasks'],
];
