"""Measurements beside a baseline, printed as ratios; nothing here is a test."""
