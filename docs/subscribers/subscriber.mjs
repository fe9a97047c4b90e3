// A campus system that reads its events: node subscriber.mjs amqps://sub.NAME:PASSWORD@HOST:PORT/VHOST sub.NAME.in
// Prints one line for each. Needs `npm install amqplib` and nothing of Parvis.
import { setTimeout as sleep } from "node:timers/promises";
import amqp from "amqplib";

const [url, queue] = process.argv.slice(2);

// Must bear the same event twice: `id` says which one it is, `sequence` its place among those of `subject`.
function handle(event) {
  console.log(event.id, event.type, event.subject, JSON.stringify(event.data));
}

// Reads until the line is lost.
async function read() {
  const connection = await amqp.connect(url, { heartbeat: 10 });
  const lost = new Promise((resolve) => connection.on("close", resolve));
  connection.on("error", (error) => console.error("not connected:", error.message));
  try {
    const channel = await connection.createChannel();
    channel.on("error", () => connection.close());
    await channel.prefetch(50); // at most so many on their way here
    await channel.consume(queue, (message) => {
      if (message === null) return void connection.close(); // the broker has taken the queue away
      handle(JSON.parse(message.content)); // CloudEvents 1.0, see docs/events
      channel.ack(message); // only now: what is not acknowledged comes again
    });
  } catch (error) {
    await connection.close().catch(() => {});
    throw error;
  }
  await lost;
}

for (;;) {
  await read().catch((error) => console.error("not connected:", error.message));
  await sleep(1000); // the line may be lost at any time, and the broker be away for long
}
