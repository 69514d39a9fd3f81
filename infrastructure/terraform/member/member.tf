# What is deployed: the template of members, as it is. Needs no provider.
locals {
  body    = file(var.template == null ? "${path.module}/../../member.yml" : var.template)
  by_unit = length(var.organizational_units) > 0
  tags    = merge({ application = "selfheal" }, var.tags)

  parameters = {
    HubAccount          = var.hub_account
    HubRegion           = var.hub_region
    HubRole             = var.hub_role
    HubWatchRole        = var.hub_watch_role
    Organization        = var.organization
    ExternalId          = var.external_id
    PermissionsBoundary = var.permissions_boundary
    AlarmTopic          = var.alarm_topic
  }
}
