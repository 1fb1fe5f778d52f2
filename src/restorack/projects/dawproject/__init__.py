"""DAWproject, the open exchange format: a ZIP of XML, audio and plugins' states."""
