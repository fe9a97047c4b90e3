"""A campus system that reads its events: python subscriber.py amqps://sub.NAME:PASSWORD@HOST:PORT/VHOST sub.NAME.in

Prints one line for each. Needs `pip install aio-pika` and nothing of Parvis.
"""

import asyncio
import json
import sys

import aio_pika


async def main(url: str, queue_name: str) -> None:
    while True:  # the line may be lost at any time, and the broker be away for long
        try:
            await read(url, queue_name)
        except (aio_pika.exceptions.AMQPError, OSError) as error:
            print(f"not connected: {type(error).__name__}", file=sys.stderr)
        await asyncio.sleep(1)


async def read(url: str, queue_name: str) -> None:
    """Read until the line is lost."""
    async with await aio_pika.connect(url, heartbeat=10) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=50)  # at most so many on their way here
        lost = asyncio.Event()
        channel.close_callbacks.add(lambda *_: lost.set())
        queue = await channel.get_queue(queue_name, ensure=False)  # a subscriber may read it, and declare nothing
        await queue.consume(take)
        await lost.wait()


async def take(message: aio_pika.abc.AbstractIncomingMessage) -> None:
    handle(json.loads(message.body))  # CloudEvents 1.0, see docs/events
    await message.ack()  # only now: what is not acknowledged comes again


def handle(event: dict) -> None:
    """Must bear the same event twice: `id` says which one it is, `sequence` its place among those of `subject`."""
    print(event["id"], event["type"], event["subject"], json.dumps(event["data"]), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
