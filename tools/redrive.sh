#!/usr/bin/env bash
# Hands the messages of a dead-letter queue to their function once more: redrive.sh QUEUE [FUNCTION]; without a function, to the target that
# EventBridge noted. A message is deleted only after Lambda has accepted it. The last one stays in letter.json.
set -u
url=$(aws sqs get-queue-url --queue-name "$1" --query QueueUrl --output text) || exit
while message=$(aws sqs receive-message --queue-url "$url" --visibility-timeout 120 --wait-time-seconds 5 --message-attribute-names All) &&
  [ -n "$message" ]; do
  printf %s "$message" | jq -r '.Messages[0].Body' > letter.json
  function=${2:-$(printf %s "$message" | jq -r '.Messages[0].MessageAttributes.TARGET_ARN.StringValue')}
  name=$(jq -r '.key // empty' letter.json)
  case $function in
    *:sqs:* | *:sns:*) ;; # for early warning, whose next run makes up for it; or news of the switch, which are old by now
    *) aws lambda invoke --function-name "$function" --invocation-type Event ${name:+--durable-execution-name "$name"} \
      --cli-binary-format raw-in-base64-out --payload file://letter.json /dev/null || exit ;;
  esac
  aws sqs delete-message --queue-url "$url" --receipt-handle "$(printf %s "$message" | jq -r '.Messages[0].ReceiptHandle')" || exit
done
