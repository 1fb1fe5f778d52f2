"""How shipped networks run, without torch."""
