"""Audio files on the server, named by their content."""

from bandmate_server.audio.blob_store import BlobStore
from bandmate_server.audio.uploads import UploadStore

__all__ = ["BlobStore", "UploadStore"]
