"""A server for the tests: evaluates or runs each request, and answers with the repr of its value or of its error."""

import sys


def serve(shell, channel):
    while True:
        source = channel.receive().decode()
        try:
            try:
                code = compile(source, "<request>", "eval")
            except SyntaxError:
                code = compile(source, "<request>", "exec")
            reply = repr(eval(code, shell.user_ns))
        except Exception as error:
            reply = repr(error)
        sys.stdout.flush()
        channel.send(reply.encode())
