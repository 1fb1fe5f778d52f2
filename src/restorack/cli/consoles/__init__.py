"""What commands show while they work: progress, tables, the page."""
