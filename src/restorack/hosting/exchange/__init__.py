"""What goes between a sandbox and its child: answers, texts, streams, and what fails there."""
