# What is deployed: the packaged template, with the places in the bucket to which the archives go. Needs no provider.
locals {
  template   = jsondecode(file("${var.package}/template.json"))
  deployment = local.template.Metadata.Deployment

  # The archive of each function, by the function's name in the template.
  archives = {
    for name, resource in local.template.Resources : name => resource.Properties.Code
    if resource.Type == "AWS::Lambda::Function"
  }

  # Other code is another object, so that CloudFormation sees the change, and finds the code of before when it rolls back.
  keys = {
    for name, archive in local.archives : name => "${var.prefix}${filesha256("${var.package}/${archive}")}.zip"
  }

  body = jsonencode(merge(local.template, {
    Resources = merge(local.template.Resources, {
      for name, key in local.keys : name => merge(local.template.Resources[name], {
        Properties = merge(local.template.Resources[name].Properties, {
          Code = { S3Bucket = var.bucket, S3Key = key }
        })
      })
    })
  }))

  # What isn't given stays as it was packaged.
  parameters = {
    for name, value in {
      Mode                    = var.mode
      Switch                  = var.switch
      Email                   = var.email
      AlertEmail              = var.alert_email
      Approver                = var.approver
      Approver2               = var.approver2
      LogRetentionDays        = var.log_retention_days
      IntakeConcurrency       = var.intake_concurrency
      RemediateConcurrency    = var.remediate_concurrency
      WatchConcurrency        = var.watch_concurrency
      ApproveConcurrency      = var.approve_concurrency
      ChatConcurrency         = var.chat_concurrency
      BeatConcurrency         = var.beat_concurrency
      ProbeConcurrency        = var.probe_concurrency
      WidgetConcurrency       = var.widget_concurrency
      EarlyWarningConcurrency = var.early_warning_concurrency
    } : name => tostring(value) if value != null
  }
}
