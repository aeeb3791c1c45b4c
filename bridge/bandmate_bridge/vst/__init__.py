"""The plugin for other DAWs: building it from its C++ source, and putting it where hosts look."""
