variable "group" {}
variable "cidrs" {}

/* resource "aws_security_group_rule" "none" {} */
resource "aws_security_group_rule" "this" {
  type              = "ingress"
  security_group_id = var.group
  protocol          = "udp"
  from_port         = 514
  to_port           = 514
  cidr_blocks       = var.cidrs
}
