"""Agents, each with a collector in memory."""
