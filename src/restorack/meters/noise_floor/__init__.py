"""The noise floor under music, from what stays steady while the music moves."""
