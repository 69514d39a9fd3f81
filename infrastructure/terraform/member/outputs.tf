output "member_role" {
  description = "The role of the member in the account and region of the provider; null where there is a stack set."
  value       = one(aws_cloudformation_stack.member[*].outputs["MemberRole"])
}
