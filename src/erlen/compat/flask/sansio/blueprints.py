"""The names of ``flask.sansio.blueprints``."""

from __future__ import annotations

from erlen.app.blueprint import Blueprint, BlueprintSetupState

__all__ = ["Blueprint", "BlueprintSetupState"]
