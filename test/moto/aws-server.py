"""
The AWS CLI, which takes most of a second to load, loaded once: each connection to the socket that is named is one command,
and is run by a process forked for it, with the arguments, variables, folder and standard streams of who asks.
"""

import json
import os
import signal
import socket
import sys

import awscli.clidriver

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(sys.argv[1])
server.listen()
while True:
    asked, _ = server.accept()
    if os.fork() > 0:
        asked.close()
        continue
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    text, streams, _, _ = socket.recv_fds(asked, 1 << 20, 3)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    request = json.loads(text)
    os.chdir(request["folder"])
    os.environ.update(request["variables"])
    sys.argv = ["aws", *request["arguments"]]
    try:
        status = awscli.clidriver.main()
    except SystemExit as end:
        status = end.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    asked.send(bytes([status]))
    os._exit(0)
