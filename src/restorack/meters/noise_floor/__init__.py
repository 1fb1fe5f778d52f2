"""The noise floor under music, from what its bands do while the music moves."""
