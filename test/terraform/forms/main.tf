# Every form in which the AWS provider holds a rule. Ids of groups and rules are given by "test_id", which only the stand-in knows.
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}

resource "aws_security_group" "apart" {
  name    = "apart"
  test_id = "sg-apart"
  vpc_id  = "vpc-1"
}

resource "aws_vpc_security_group_ingress_rule" "single" {
  test_id           = "sgr-single"
  security_group_id = aws_security_group.apart.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "all" {
  test_id           = "sgr-all"
  security_group_id = aws_security_group.apart.id
  ip_protocol       = "-1"
  cidr_ipv6         = "::/0"
}

resource "aws_vpc_security_group_ingress_rule" "list" {
  test_id           = "sgr-list"
  security_group_id = aws_security_group.apart.id
  ip_protocol       = "udp"
  from_port         = 53
  to_port           = 53
  prefix_list_id    = "pl-1"
}

resource "aws_vpc_security_group_ingress_rule" "other" {
  test_id                      = "sgr-other"
  security_group_id            = aws_security_group.apart.id
  ip_protocol                  = "icmp"
  from_port                    = 8
  to_port                      = -1
  referenced_security_group_id = "222222222222/sg-far"
}

resource "aws_vpc_security_group_ingress_rule" "each" {
  for_each          = toset(["10.0.1.0/24", "10.0.2.0/24"])
  test_id           = "sgr-each-${replace(replace(each.key, ".", "-"), "/", "-")}"
  security_group_id = aws_security_group.apart.id
  ip_protocol       = "tcp"
  from_port         = 8080
  to_port           = 8080
  cidr_ipv4         = each.key
}

resource "aws_security_group_rule" "one" {
  type              = "ingress"
  test_id           = "sgrule-one"
  security_group_id = aws_security_group.apart.id
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["10.0.0.0/8"]
}

resource "aws_security_group_rule" "many" {
  type              = "ingress"
  security_group_id = aws_security_group.apart.id
  protocol          = "6"
  from_port         = 1024
  to_port           = 2047
  cidr_blocks       = ["10.1.0.0/16", "10.2.0.0/16"]
  ipv6_cidr_blocks  = ["2001:DB8::/32"]
  prefix_list_ids   = ["pl-2"]
}

resource "aws_security_group_rule" "source" {
  type                     = "egress"
  test_id                  = "sgrule-source"
  security_group_id        = aws_security_group.apart.id
  protocol                 = "all"
  from_port                = 0
  to_port                  = 0
  source_security_group_id = aws_security_group.inline.id
}

resource "aws_security_group_rule" "self" {
  count             = 2
  type              = "ingress"
  test_id           = "sgrule-self-${count.index}"
  security_group_id = aws_security_group.apart.id
  protocol          = "tcp"
  from_port         = 7000 + count.index
  to_port           = 7000 + count.index
  self              = true
}

resource "aws_security_group" "inline" {
  name    = "inline"
  test_id = "sg-inline"
  vpc_id  = "vpc-1"

  ingress {
    description     = "everything a block can hold"
    protocol        = "tcp"
    from_port       = 5432
    to_port         = 5432
    cidr_blocks     = ["10.3.0.0/16", "10.4.0.0/16"]
    security_groups = ["sg-apart", "222222222222/sg-far"]
    self            = true
  }
  ingress {
    protocol    = "icmp"
    from_port   = -1
    to_port     = -1
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_default_security_group" "default" {
  test_id = "sg-default"
  vpc_id  = "vpc-1"

  ingress {
    protocol  = "-1"
    self      = true
    from_port = 0
    to_port   = 0
  }
}

module "web" {
  source   = "./modules/web"
  for_each = { "a.b" = "10.5.0.0/16", "say \"|`\"" = "10.6.0.0/16" }
  name     = "web-${length(each.key)}"
  cidr     = each.value
}

module "sole" {
  source = "./modules/web/rules"
  group  = aws_security_group.apart.id
  cidrs  = ["10.7.0.0/16", "10.8.0.0/16"]
}
