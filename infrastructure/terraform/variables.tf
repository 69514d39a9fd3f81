variable "package" {
  description = "The folder that `npm run package` leaves."
  type        = string
}

variable "bucket" {
  description = "A bucket of yours in the region of the stack, for the archives and the template."
  type        = string
}

variable "prefix" {
  description = "What the names of the objects in the bucket begin with."
  type        = string
  default     = "selfheal/"
}

variable "tags" {
  description = "Tags of the stack, beside `application`."
  type        = map(string)
  default     = {}
}

# The parameters of the template. What is null stays as it was packaged.

variable "mode" {
  description = "The upper limit on what selfheal does."
  type        = string
  default     = null
}

variable "switch" {
  description = "Where the kill switch stands at first. An update turns it only if this changes."
  type        = string
  default     = null
}

variable "email" {
  description = "Who is mailed outcomes."
  type        = string
  default     = null
}

variable "alert_email" {
  description = "Who is mailed alarms on selfheal itself. Empty: the same as Email."
  type        = string
  default     = null
}

variable "approver" {
  description = "Who is mailed questions, and so can decide them."
  type        = string
  default     = null
}

variable "approver2" {
  description = "Who is mailed the second question where two people must agree; somebody else than Approver."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "How many days the logs are kept."
  type        = number
  default     = null
}

variable "intake_concurrency" {
  description = "How many of intake run at once at most. none: only the account limits them."
  type        = string
  default     = null
}

variable "remediate_concurrency" {
  description = "How many of remediate run at once at most. none: only the account limits them."
  type        = string
  default     = null
}

variable "watch_concurrency" {
  description = "How many of watch run at once at most. none: only the account limits them."
  type        = string
  default     = null
}

variable "approve_concurrency" {
  description = "How many of approve run at once at most. none: only the account limits them."
  type        = string
  default     = null
}

variable "chat_concurrency" {
  description = "How many of chat run at once at most. none: only the account limits them."
  type        = string
  default     = null
}

variable "beat_concurrency" {
  description = "How many of beat run at once at most. none: only the account limits them."
  type        = string
  default     = null
}

variable "probe_concurrency" {
  description = "How many of probe run at once at most. none: only the account limits them."
  type        = string
  default     = null
}

variable "widget_concurrency" {
  description = "How many of dashboardWidget run at once at most. none: only the account limits them."
  type        = string
  default     = null
}

variable "early_warning_concurrency" {
  description = "How many of earlyWarning run at once at most. none: only the account limits them."
  type        = string
  default     = null
}
