"""A campus system that reads its events: python subscriber.py amqp://sub.NAME:PASSWORD@HOST:PORT/VHOST sub.NAME.in

Prints one line for each. Needs `pip install aio-pika` and nothing of Parvis.
"""

import asyncio
import json
import sys

import aio_pika


async def main(url: str, queue_name: str) -> None:
    connection = await aio_pika.connect_robust(url, heartbeat=10)  # connects again whenever the line is lost
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=50)  # at most so many on their way here
        queue = await channel.get_queue(queue_name, ensure=False)  # a subscriber may read it, and declare nothing
        async with queue.iterator() as messages:
            async for message in messages:
                event = json.loads(message.body)  # CloudEvents 1.0, see docs/events
                handle(event)
                await message.ack()  # only now: what is not acknowledged comes again


def handle(event: dict) -> None:
    """Must bear the same event twice: `id` says which one it is, `sequence` its place among those of `subject`."""
    print(event["id"], event["type"], event["subject"], json.dumps(event["data"]), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
