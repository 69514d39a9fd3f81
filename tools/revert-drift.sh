#!/usr/bin/env bash
# Makes anew what of a stack is gone, and sets back what differs from its template: revert-drift.sh STACK. Its template and its parameters stay
# as they are. On a terminal it shows the changes first, and asks.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
set -eu -o pipefail
stack=$1
change=(--stack-name "$stack" --change-set-name "revert-drift-$(date +%s)")
# A parameter that is not named would have its default again.
parameters=$(aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Parameters' --output json |
  jq -c '[.[]? | {ParameterKey, UsePreviousValue: true}]')
aws cloudformation create-change-set "${change[@]}" --deployment-mode REVERT_DRIFT --use-previous-template --parameters "$parameters" \
  --capabilities CAPABILITY_NAMED_IAM
aws cloudformation wait change-set-create-complete "${change[@]}"
aws cloudformation describe-change-set "${change[@]}" --query 'Changes[].ResourceChange.[Action,LogicalResourceId]' --output text
if [ -t 0 ]; then
  read -r -p 'Change this? [y/N] ' answer
  [ "$answer" = y ] || exit 1
fi
aws cloudformation execute-change-set "${change[@]}"
aws cloudformation wait stack-update-complete --stack-name "$stack"
