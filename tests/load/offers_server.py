"""Serves offers alone on a data folder: prints its port when its events are published, runs until its input ends."""

import asyncio
import os
import sys
from pathlib import Path

from services.chassis.host.host import Host
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging


async def main(data: Path) -> None:
    settings = Settings(data=data, port=0, ops_port=0)
    configure_logging(settings)
    async with Host(settings, ("offers",)) as host:
        running = host.running["offers"]
        for audience, publisher in running.publishers.items():
            while await publisher.position() < await running.journals[audience].last():
                await asyncio.sleep(0.05)
        print(host.settings.port, flush=True)
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    os.environ["PARVIS_OFFERS_SAMPLE"] = "false"
    asyncio.run(main(Path(sys.argv[1])))
