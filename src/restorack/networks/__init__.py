"""The networks, as pure torch modules; imported only where one runs."""
