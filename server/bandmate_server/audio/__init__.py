"""Audio files on the server, named by their content."""

from bandmate_server.audio.blob_store import Shelf
from bandmate_server.audio.uploads import Uploads

__all__ = ["Shelf", "Uploads"]
