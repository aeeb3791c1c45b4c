"""ACE-Step 1.5's own HTTP API, as far as Bandmate's engines can serve it."""

from bandmate_server.compat.acestep.routes import acestep_routes, refusal_answer

__all__ = ["acestep_routes", "refusal_answer"]
