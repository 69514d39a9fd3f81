# The template of members: a stack in the account and region of the provider, or, where organisational units are named, a stack set for
# all of their accounts, those that come later too.
terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.70"
    }
  }
}

resource "aws_cloudformation_stack" "member" {
  count = local.by_unit ? 0 : 1

  name          = var.name
  template_body = local.body
  parameters    = local.parameters
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  tags          = local.tags
}

resource "aws_cloudformation_stack_set" "members" {
  count = local.by_unit ? 1 : 0

  name             = var.name
  template_body    = local.body
  parameters       = local.parameters
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  tags             = local.tags
  permission_model = "SERVICE_MANAGED"
  call_as          = var.call_as

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  # CloudFormation sets it by itself with this model of permissions.
  lifecycle {
    ignore_changes = [administration_role_arn]
  }
}

resource "aws_cloudformation_stack_instances" "members" {
  count = local.by_unit ? 1 : 0

  stack_set_name = aws_cloudformation_stack_set.members[0].name
  regions        = var.regions
  call_as        = var.call_as

  deployment_targets {
    organizational_unit_ids = var.organizational_units
  }

  lifecycle {
    precondition {
      condition     = length(var.regions) > 0
      error_message = "With organizational_units, regions must name at least one."
    }
  }
}
