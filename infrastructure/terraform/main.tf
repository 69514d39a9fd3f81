# The stack that `npm run package` leaves, as a stack of CloudFormation.
terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_s3_bucket" "code" {
  bucket = var.bucket
}

resource "aws_s3_object" "code" {
  for_each = local.keys

  bucket = var.bucket
  key    = each.value
  source = "${var.package}/${local.archives[each.key]}"

  # What the stack was before stays until it is what it is now.
  lifecycle {
    create_before_destroy = true
  }
}

# Too long to be sent along.
resource "aws_s3_object" "template" {
  bucket       = var.bucket
  key          = "${var.prefix}${sha256(local.body)}.template.json"
  content      = local.body
  content_type = "application/json"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack" "selfheal" {
  name         = local.deployment
  template_url = "https://${data.aws_s3_bucket.code.bucket_regional_domain_name}/${aws_s3_object.template.key}"
  parameters   = local.parameters
  capabilities = ["CAPABILITY_NAMED_IAM"]
  tags         = merge({ application = "selfheal" }, var.tags)

  depends_on = [aws_s3_object.code]
}
