resource "aws_security_group" "d" {
  name = "d"
}
