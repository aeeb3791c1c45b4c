"""What the server answers on its port."""

from bandmate_server.web.routes import build_app

__all__ = ["build_app"]
