terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}

resource "aws_security_group" "a" {
  name    = "a"
  test_id = "sg-a"
  vpc_id  = "vpc-1"
}

resource "aws_security_group" "b" {
  name    = "b"
  test_id = "sg-b"
  vpc_id  = "vpc-1"
}
