"""Files measured: analyses without a reference, and damage fitted to what they find."""
