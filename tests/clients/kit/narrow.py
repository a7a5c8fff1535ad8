"""A TCP relay whose windows are as small as the kernel allows, in every direction.

Spoken to by narrow.mjs: python3 narrow.py HOST PORT prints the port it listens on, and relays each
stream to HOST:PORT until it is killed.
"""

import socket
import sys
import threading

# The kernel rounds it up to its least: a window of about 1 to 2 KB.
WINDOW_BYTES = 1
PIECE_BYTES = 256


def narrow(stream):
    for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        stream.setsockopt(socket.SOL_SOCKET, buffer, WINDOW_BYTES)
    return stream


def relay(source, sink):
    try:
        while piece := source.recv(PIECE_BYTES):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            end.close()


def serve(listener, target):
    while True:
        client, _ = listener.accept()
        server = narrow(socket.socket())
        try:
            server.connect(target)
        except OSError:
            client.close()
            continue
        for ends in ((client, server), (server, client)):
            threading.Thread(target=relay, args=ends, daemon=True).start()


if __name__ == "__main__":
    # Windows are agreed on in the handshake, so the listener has them before it listens.
    listening = narrow(socket.socket())
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    print(listening.getsockname()[1], flush=True)
    serve(listening, (sys.argv[1], int(sys.argv[2])))
