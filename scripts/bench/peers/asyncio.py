"""An echo server with asyncio's streams: python3 asyncio.py [bytes]"""
import sys

sys.path.pop(0)  # this folder, where asyncio is this file
import asyncio

size = int(sys.argv[1]) if len(sys.argv) > 1 else 4096


async def echo(reader, writer):
    try:
        while data := await reader.read(size):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0, backlog=4096)
    print("listening on 127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
