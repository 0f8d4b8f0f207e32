resource "aws_vpc_security_group_ingress_rule" "https" {
  test_id           = "sgr-again"
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
  lifecycle { create_before_destroy = true }
}
