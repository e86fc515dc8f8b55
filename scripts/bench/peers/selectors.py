"""An echo server as one writes it in Python for speed: non-blocking sockets and bare selectors.

python3 selectors.py [bytes]
"""
import sys

sys.path.pop(0)  # this folder, where selectors is this file
import selectors
import socket

size = int(sys.argv[1]) if len(sys.argv) > 1 else 4096
ready = selectors.DefaultSelector()


def accept(listener):
    client, _ = listener.accept()
    client.setblocking(False)
    ready.register(client, selectors.EVENT_READ, echo)


def leave(client):
    ready.unregister(client)
    client.close()


def echo(client):
    try:
        data = client.recv(size)
    except ConnectionError:
        data = b""
    if not data:
        return leave(client)
    sent = client.send(data)
    if sent < len(data):
        ready.modify(client, selectors.EVENT_WRITE, rest(data[sent:]))


def rest(data):
    def write(client):
        nonlocal data
        data = data[client.send(data):]
        if not data:
            ready.modify(client, selectors.EVENT_READ, echo)
    return write


listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
ready.register(listener, selectors.EVENT_READ, accept)
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    for key, _ in ready.select():
        key.data(key.fileobj)
