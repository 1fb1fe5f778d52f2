"""Music made from formulas, for demos and examples."""
