resource "aws_vpc_security_group_rules_exclusive" "a" {
  test_id           = "exclusive"
  security_group_id = aws_security_group.a.id
  ingress_rule_ids  = [aws_vpc_security_group_ingress_rule.old.id]
  egress_rule_ids   = []
}
