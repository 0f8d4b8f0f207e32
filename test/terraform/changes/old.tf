resource "aws_vpc_security_group_ingress_rule" "old" {
  test_id           = "sgr-old"
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 8080
  to_port           = 8080
  cidr_ipv4         = "0.0.0.0/0"
}
