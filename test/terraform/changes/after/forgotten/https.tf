removed {
  from = aws_vpc_security_group_ingress_rule.https
  lifecycle { destroy = false }
}
