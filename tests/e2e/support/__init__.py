"""What the end-to-end tests share: the server, its clients, deliveries."""
