"""What renders inside the sandbox child: DawDreamer's graphs, pedalboard's boards and streams."""
