"""Compatible APIs: other programs' HTTP interfaces, each on a port of its own, over the same jobs, engines and models.

Off unless the settings ask for them, and on loopback alone. `table` lists them; each has a folder of its own over the
modules here, which open the port, check who comes in, read bodies, and submit jobs.
"""

from bandmate_server.compat.serving import compat_sockets, serve_compat_apis
from bandmate_server.compat.table import APIS

__all__ = ["APIS", "compat_sockets", "serve_compat_apis"]
