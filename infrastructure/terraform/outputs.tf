output "alarm_topic_arn" {
  description = "Give this topic to your alarms as their action."
  value       = aws_cloudformation_stack.selfheal.outputs["AlarmTopicArn"]
}

output "outputs" {
  description = "All outputs of the stack, by their names in the template."
  value       = aws_cloudformation_stack.selfheal.outputs
}
