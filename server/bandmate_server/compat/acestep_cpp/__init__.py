"""The HTTP API of acestep.cpp's server, as far as Bandmate's engines can serve it."""

from bandmate_server.compat.acestep_cpp.routes import acestep_cpp_routes, refusal_answer

__all__ = ["acestep_cpp_routes", "refusal_answer"]
