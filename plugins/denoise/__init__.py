"""Broadband noise: noise floors, gain rules, networks, long-window refinement."""
