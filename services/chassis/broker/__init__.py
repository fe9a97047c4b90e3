"""Brokers: messages from exchanges to queues, inside of one process or through RabbitMQ."""
