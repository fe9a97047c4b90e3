// A campus system that reads its events: java -cp LIBRARIES Subscriber.java amqps://sub.NAME:PASSWORD@HOST:PORT/VHOST sub.NAME.in
// Prints one line for each. Needs RabbitMQ's amqp-client, Jackson to read JSON, and nothing of Parvis.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

public class Subscriber {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    while (true) { // the line may be lost at any time, and the broker be away for long
      try {
        read(arguments[0], arguments[1]);
      } catch (Exception error) {
        System.err.println("not connected: " + error);
      }
      Thread.sleep(1000);
    }
  }

  /** Must bear the same event twice: `id` says which one it is, `sequence` its place among those of `subject`. */
  static void handle(JsonNode event) {
    System.out.println(
        String.join(" ", text(event, "id"), text(event, "type"), text(event, "subject"), event.get("data").toString()));
  }

  /** Reads until the line is lost. */
  static void read(String url, String queue) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(url);
    factory.setRequestedHeartbeat(10);
    factory.setAutomaticRecoveryEnabled(false); // the loop above connects again
    try (Connection connection = factory.newConnection()) {
      CountDownLatch lost = new CountDownLatch(1);
      Channel channel = connection.createChannel();
      channel.basicQos(50); // at most so many on their way here
      channel.basicConsume(
          queue,
          false,
          new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
                throws IOException {
              handle(JSON.readTree(body)); // CloudEvents 1.0, see docs/events
              channel.basicAck(envelope.getDeliveryTag(), false); // only now: what is not acknowledged comes again
            }

            @Override
            public void handleCancel(String tag) {
              lost.countDown();
            }

            @Override
            public void handleShutdownSignal(String tag, ShutdownSignalException signal) {
              lost.countDown();
            }
          });
      lost.await();
    }
  }

  private static String text(JsonNode event, String member) {
    return event.get(member).asText();
  }
}
