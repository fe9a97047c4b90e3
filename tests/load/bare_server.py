"""A process with a bare aiohttp handler that returns given bytes: reads paths and bytes as JSON lines, prints its port."""

import asyncio
import json
import sys

from aiohttp import web


async def main() -> None:
    answers: dict[str, bytes] = {}
    for line in iter(sys.stdin.readline, "\n"):
        path, body = json.loads(line)
        answers[path] = body.encode()

    async def handle(request: web.Request) -> web.Response:
        return web.Response(body=answers[request.path_qs], content_type="application/json")

    app = web.Application()
    app.router.add_get("/{tail:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
