// A campus system that reads its events: subscriber amqps://sub.NAME:PASSWORD@HOST:PORT/VHOST sub.NAME.in
//
// Prints one line for each. Needs RabbitMQ's amqp091-go and nothing of Parvis.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Event is what the envelope (CloudEvents 1.0, see docs/events) says of it.
type Event struct {
	ID       string          `json:"id"`
	Type     string          `json:"type"`
	Subject  string          `json:"subject"`
	Sequence string          `json:"sequence"`
	Data     json.RawMessage `json:"data"`
}

// handle must bear the same event twice: ID says which one it is, Sequence its place among those of Subject.
func handle(event Event) {
	fmt.Println(event.ID, event.Type, event.Subject, string(event.Data))
}

// read reads until the line is lost.
func read(url, queue string) error {
	connection, err := amqp.DialConfig(url, amqp.Config{Heartbeat: 10 * time.Second})
	if err != nil {
		return err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	if err := channel.Qos(50, 0, false); err != nil { // at most so many on their way here
		return err
	}
	messages, err := channel.Consume(queue, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for message := range messages {
		var event Event
		if err := json.Unmarshal(message.Body, &event); err != nil {
			return err
		}
		handle(event)
		if err := message.Ack(false); err != nil { // only now: what is not acknowledged comes again
			return err
		}
	}
	return errors.New("the line was lost")
}

func main() {
	for { // the line may be lost at any time, and the broker be away for long
		log.Println("not connected:", read(os.Args[1], os.Args[2]))
		time.Sleep(time.Second)
	}
}
