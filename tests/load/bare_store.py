"""A process with a bare aiohttp handler that makes each body it is sent a durable file: given a folder, prints its port."""

import asyncio
import itertools
import os
import sys
from pathlib import Path

from aiohttp import web

NAMES = itertools.count()


def keep(folder: Path, name: str, descriptor: int) -> None:
    """Make what was written durable under its name."""
    os.fsync(descriptor)
    os.close(descriptor)
    (folder / f"{name}.new").rename(folder / name)
    directory = os.open(folder, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


async def main(folder: Path) -> None:
    async def handle(request: web.Request) -> web.Response:
        name = str(next(NAMES))
        descriptor = os.open(folder / f"{name}.new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        async for chunk in request.content.iter_any():
            await asyncio.to_thread(os.write, descriptor, chunk)
        await asyncio.to_thread(keep, folder, name, descriptor)
        return web.Response(status=201)

    app = web.Application(client_max_size=2**30)
    app.router.add_put("/{tail:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
