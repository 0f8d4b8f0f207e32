variable "name" {}
variable "cidr" {}

resource "aws_security_group" "this" {
  name    = var.name
  test_id = "sg-${var.name}"
  vpc_id  = "vpc-1"
  dynamic "ingress" {
    for_each = [80, 443]
    content {
      protocol    = "tcp"
      from_port   = ingress.value
      to_port     = ingress.value
      cidr_blocks = [var.cidr]
    }
  }
}
