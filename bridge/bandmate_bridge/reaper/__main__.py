"""`python -m bandmate_bridge.reaper`."""

import sys

from bandmate_bridge.reaper.agent.process import main

sys.exit(main())
