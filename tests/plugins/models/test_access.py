"""The way to the hub: tokens that it no longer accepts, and proxies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate_plugins._models.access import proxy_error
from bandmate_plugins._platform.installation import how_to_add
from tests.plugins.models.hub import Hub
from tests.plugins.models.socks import SocksProxy
from tests.plugins.models.test_models import NAME, models

PULL = ("pull", "htdemucs", "--yes")
SMALL = b"w" * 400_000


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.repositories[NAME] = {"htdemucs.yaml": b"models: ['955717e8']", "955717e8.safetensors": SMALL}
        hub.licences[NAME] = "mit"
        yield hub


def fetched(home: Path) -> bytes:
    (found,) = (home / "hf" / "hub").rglob("955717e8.safetensors")
    return found.read_bytes()


def test_a_public_model_comes_without_a_token_that_has_expired(tmp_path: Path, hub: Hub) -> None:
    hub.refuses_tokens = True
    code, said = models(tmp_path, hub, *PULL, HF_TOKEN="hf_expired")
    assert code == 0, said
    assert "does not accept your Hugging Face token" in said
    assert "This model needs none" in said
    assert "Unset HF_TOKEN" in said
    assert "hf_expired" not in said
    assert fetched(tmp_path) == SMALL


def test_a_token_from_a_login_is_named_as_that(tmp_path: Path, hub: Hub) -> None:
    hub.refuses_tokens = True
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf" / "token").write_text("hf_expired")
    code, said = models(tmp_path, hub, *PULL)
    assert code == 0, said
    assert "auth login` stores a new one" in said


def test_a_model_that_needs_a_token_says_that_this_one_has_expired(tmp_path: Path, hub: Hub) -> None:
    hub.refuses_tokens = True
    hub.private.add(NAME)
    code, said = models(tmp_path, hub, *PULL, HF_TOKEN="hf_expired")
    assert code == 1
    assert "does not accept your Hugging Face token" in said
    assert "settings/tokens" in said


def test_a_token_that_is_accepted_is_sent(tmp_path: Path, hub: Hub) -> None:
    hub.private.add(NAME)
    code, said = models(tmp_path, hub, *PULL, HF_TOKEN="hf_good")
    assert code == 0, said
    assert "does not accept" not in said


@pytest.mark.parametrize("variable", ["ALL_PROXY", "all_proxy", "HTTP_PROXY"])
def test_a_model_comes_through_a_socks_proxy(tmp_path: Path, hub: Hub, variable: str) -> None:
    with SocksProxy() as proxy:
        code, said = models(tmp_path, hub, *PULL, **{variable: proxy.url, "NO_PROXY": "", "no_proxy": ""})
        assert code == 0, said
        assert proxy.asked
    assert fetched(tmp_path) == SMALL


@pytest.mark.parametrize(
    "proxy", ["socks5://me:secret@127.0.0.1:1", "http://me:secret@127.0.0.1:1", "gopher://127.0.0.1:1", "://"]
)
def test_a_proxy_that_does_not_answer_is_named_without_its_password(
    tmp_path: Path, hub: Hub, proxy: str
) -> None:
    code, said = models(tmp_path, hub, *PULL, ALL_PROXY=proxy, NO_PROXY="", no_proxy="")
    assert code == 1, said
    assert "ALL_PROXY" in said
    assert "secret" not in said


def test_a_socks_proxy_without_its_package_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """As httpx2 raises it, where only huggingface_hub was installed."""
    error = ImportError("Using SOCKS proxy, but the 'socksio' package is not installed.")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    said = proxy_error(error)
    assert said is not None
    assert "needs the package socksio" in said.sentence
    assert how_to_add("models") in said.remedy
    assert proxy_error(ImportError("No module named 'torch'")) is None
