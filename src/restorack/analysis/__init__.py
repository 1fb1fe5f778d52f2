"""What can be measured in a recording: noise floors, edges, hum; findings, no opinions."""
