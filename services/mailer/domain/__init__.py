"""What a delivery is and how it goes; pure."""
