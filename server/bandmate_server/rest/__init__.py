"""REST at `/api/v1`: a table of operations over the functions that serve the WebSocket, one file per resource."""

from bandmate_server.rest.routes import rest_routes

__all__ = ["rest_routes"]
