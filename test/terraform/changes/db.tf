resource "aws_security_group_rule" "db" {
  type              = "ingress"
  security_group_id = aws_security_group.b.id
  protocol          = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_blocks       = ["10.0.0.0/16", "10.9.0.0/16"]
}
