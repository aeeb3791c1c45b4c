"""Finds plugins, says what is wrong with them, and loads what they bring.

The catalogue is read in a child process and cached, so that no plugin can stop or fatten the one that asks;
only what is then needed is loaded into a process, one plugin at a time.
"""

from bandmate_plugins._host.loading.catalogue import read_catalogue, read_readiness
from bandmate_plugins._host.loading.found import BUILT_IN
from bandmate_plugins._host.loading.live import load_commands, load_engine, load_executors, load_task
from bandmate_plugins._host.loading.records import EngineRecord, PluginCatalogue

__all__ = [
    "BUILT_IN",
    "EngineRecord",
    "PluginCatalogue",
    "load_commands",
    "load_engine",
    "load_executors",
    "load_task",
    "read_catalogue",
    "read_readiness",
]
