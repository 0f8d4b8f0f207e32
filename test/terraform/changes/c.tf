resource "aws_security_group" "c" {
  name    = "c"
  test_id = "sg-c"
  vpc_id  = "vpc-1"

  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    protocol    = "tcp"
    from_port   = 23
    to_port     = 23
    cidr_blocks = ["0.0.0.0/0"]
  }
}
