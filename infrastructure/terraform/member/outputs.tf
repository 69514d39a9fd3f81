output "member_role" {
  description = "The role of the member in the account and region of the provider; null where there is a stack set."
  value       = one(aws_cloudformation_stack.member[*].outputs["MemberRole"])
}

output "alarm_topic_arn" {
  description = "The topic for alarms in the account and region of the provider; null where there is none, or a stack set."
  value       = try(one(aws_cloudformation_stack.member[*].outputs["AlarmTopicArn"]), null)
}
