variable "template" {
  description = "The template of members. The default is the one for a hub of the stage prod with the policy that selfheal comes with; for another, name the `member.json` that packaging the hub leaves."
  type        = string
  default     = null
}

variable "name" {
  description = "The name of the stack, or of the stack set."
  type        = string
  default     = "selfheal-member-prod"
}

variable "organizational_units" {
  description = "The organisational units, or the root, whose accounts become members. None: only the account and region of the provider."
  type        = list(string)
  default     = []
}

variable "regions" {
  description = "The regions in which the accounts of the organisational units become members."
  type        = list(string)
  default     = []
}

variable "call_as" {
  description = "DELEGATED_ADMIN where the provider's account is not the organisation's management account."
  type        = string
  default     = "SELF"
}

variable "tags" {
  description = "Tags of the stack, beside `application`."
  type        = map(string)
  default     = {}
}

# The parameters of the template.

variable "hub_account" {
  description = "The account that the hub is deployed in."
  type        = string
}

variable "hub_region" {
  description = "The region that the hub is deployed in."
  type        = string
}

variable "hub_role" {
  description = "The ARN of the role of the hub's function remediate."
  type        = string
}

variable "hub_watch_role" {
  description = "The ARN of the role of the hub's function watch."
  type        = string
}

variable "organization" {
  description = "The id of the organisation that the hub and this account belong to."
  type        = string
}

variable "external_id" {
  description = "What the hub must name when it takes a role of this account: its parameter externalId; empty for the organisation's id."
  type        = string
  default     = ""
}

variable "permissions_boundary" {
  description = "The ARN of a policy that bounds what the roles may do; empty for none."
  type        = string
  default     = ""
}

variable "alarm_topic" {
  description = "Whether there is a topic for alarms that do not come by the event bus, on or off; the hub listens to those that its parameter memberTopics names."
  type        = string
  default     = "off"
}
