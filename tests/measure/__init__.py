"""Programs that measure. What the embedded band plays is measured with its own synthesis, whatever is installed."""

import os

os.environ.setdefault("BANDMATE_SOUNDFONT", "none")
