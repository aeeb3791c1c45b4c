"""`--bits`, `--format` and `.flac`: what `-o` writes, from the command line to the samples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.audiofiles.encoding import AudioEncoder
from bandmate_bridge.audiofiles.formats import AudioFormat, FormatRequest
from bandmate_bridge.audiofiles.wav import WavFile
from bandmate_bridge.jobs.job_origin import FolderOrigin, origin_values, read_origin
from bandmate_bridge.outputs.output import FolderOutput, asked_format
from bandmate_plugins._platform.installation import how_to_add
from bandmate_protocol.errors import RequestError
from tests.bridge.command_line import CommandLine
from tests.running import server_environ

BAND = ("generate", "rock band", "--bars", "1", "--bpm", "120", "--seed", "4")


def audio(path: Path) -> np.ndarray:
    return soundfile.read(path, always_2d=True)[0]


def test_a_file_is_written_as_its_name_and_bits_say(bandmate: CommandLine) -> None:
    bandmate.good(*BAND, "-o", "float.wav")
    whole = audio(bandmate.folder / "float.wav")
    for name, bits, subtype in [
        ("a.wav", "24", "PCM_24"),
        ("b.wav", "16", "PCM_16"),
        ("c.wav", "32", "FLOAT"),
        ("d.flac", None, "PCM_24"),
        ("e.FLAC", "16", "PCM_16"),
    ]:
        bandmate.good(*BAND, "-o", name, *(("--bits", bits) if bits else ()))
        info = soundfile.info(bandmate.folder / name)
        assert (info.subtype, info.frames, info.samplerate) == (subtype, len(whole), 48_000)
        wrong = np.abs(audio(bandmate.folder / name) - whole).max()
        assert wrong <= {"PCM_24": 2**-24, "PCM_16": 1.5 * 2**-15, "FLOAT": 0.0}[subtype]
    assert not [path for path in bandmate.folder.iterdir() if path.name.startswith(".")]


def test_a_folder_of_stems_and_its_redo_keep_the_format(bandmate: CommandLine) -> None:
    bandmate.good(*BAND, "-o", "stems/", "--format", "flac", "--bits", "16", "--midi")
    first = sorted((bandmate.folder / "stems").glob("*.flac"))
    assert len(first) > 1
    assert {soundfile.info(path).subtype for path in first} == {"PCM_16"}
    assert "already contains" in bandmate.refused(*BAND, "-o", "stems/")
    bandmate.good("redo", "--seed", "4")
    again = sorted((bandmate.folder / "stems-2").glob("*"))
    assert [path.name for path in again if path.suffix == ".flac"] == [path.name for path in first]
    for path in first:
        same = bandmate.folder / "stems-2" / path.name
        assert same.read_bytes() == path.read_bytes(), "the same job gives the same bytes"


def test_every_command_that_writes_files_knows_the_formats(bandmate: CommandLine) -> None:
    bandmate.good(*BAND, "-o", "in.wav")
    music = ("--bpm", "120")
    for arguments in [
        ("separate", "in.wav", "--stems", "drums", "-o", "drums.flac"),
        ("cover", "in.wav", "as a string quartet", *music, "-o", "cover.flac"),
        ("accompany", "in.wav", "add a shaker", *music, "-o", "shaker.flac"),
        ("extend", "in.wav", "--after", "1", *music, "-o", "longer.flac"),
        ("loop", "in.wav", *music, "-o", "loop.flac"),
        ("fetch", "-o", "again.flac"),
    ]:
        bandmate.good(*arguments)
        assert soundfile.info(bandmate.folder / arguments[-1]).subtype == "PCM_24"
    ranges = ("repaint", "in.wav", "fill", *music, "--from", "0.5s", "--to", "1s", "-o")
    bandmate.good(*ranges, "ranges/", "--format", "flac")
    (path,) = (bandmate.folder / "ranges").iterdir()
    assert soundfile.info(path).format == "FLAC"


def test_a_repainted_file_keeps_its_own_format(bandmate: CommandLine) -> None:
    bandmate.good(*BAND, "-o", "in.wav", "--bits", "24")
    repaint = ("repaint", "in.wav", "fill", "--bpm", "120", "--from", "0.5s", "--to", "1s", "-o")
    bandmate.good(*repaint, "out.wav")
    assert soundfile.info(bandmate.folder / "out.wav").subtype == "PCM_24"
    assert "keeps the format of its source" in bandmate.refused(*repaint, "b.wav", "--bits", "16")
    assert "but c.flac does not end in .wav" in bandmate.refused(*repaint, "c.flac")


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("-o", "a.flac", "--bits", "32"), "FLAC cannot store floats", 1),
        (("-o", "a.wav", "--format", "flac"), "--format says flac", 1),
        (("-o", "a/", "--format", "flac", "--bits", "32"), "FLAC cannot store floats", 1),
        (
            (
                "-o",
                "a.mp3",
            ),
            "does not end in .wav or .flac, the only audio formats that Bandmate writes",
            1,
        ),
        (("-o", "a.wav", "--bits", "20"), "16", 2),
        (("--into", "song.rpp", "--at", "1.1", "--bits", "24"), "the files that -o names", 2),
    ],
)
def test_what_cannot_be_is_said_before_any_work(
    bandmate: CommandLine, song: Path, arguments: tuple[str, ...], words: str, code: int
) -> None:
    prompt = BAND[:2] if "--into" in arguments else BAND
    said = bandmate.refused(*prompt, *arguments, code=code)
    assert words in said
    assert "Connecting" not in said


def test_without_the_servers_packages_only_floats_are_written(bandmate: CommandLine) -> None:
    """In a process that finds no soundfile, as in an installation without the extra."""
    code = """
import sys
from importlib.machinery import PathFinder
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "soundfile":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
sys.modules["soundfile"] = None
from bandmate_bridge.audiofiles.formats import AudioFormat
from bandmate_bridge.audiofiles.encoding import check_encoder
check_encoder(AudioFormat())
try:
    check_encoder(AudioFormat("flac", 24))
except Exception as error:
    print(error)
"""
    environ = server_environ(bandmate.home)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ
    )
    assert "24-bit FLAC needs soundfile" in done.stdout
    assert how_to_add("server") in done.stdout


def float_file(path: Path, samples: np.ndarray) -> WavFile:
    with WavFile(path, sample_rate=48_000, channels=1, frames=len(samples)) as file:
        file.write(0, samples.astype("<f4").tobytes())
    return file


def test_clipping_is_told_with_the_true_peak(tmp_path: Path) -> None:
    loud = np.full(4_800, 0.5)
    loud[1_000:1_003] = 1.5
    source = float_file(tmp_path / "a.wav", loud)
    with AudioEncoder(AudioFormat("wav", 24)) as encoder:
        (remark,) = encoder.encode(source, source.sha256(), tmp_path / "b.part", tmp_path / "b.wav")
    assert "b.wav is clipped at 3 samples" in remark
    assert "dBTP" in remark
    assert "--bits 32" in remark


def test_one_that_fails_leaves_nothing_and_names_the_file(tmp_path: Path) -> None:
    source = float_file(tmp_path / "a.wav", np.zeros(100))
    (tmp_path / "a.wav").unlink()
    with AudioEncoder(AudioFormat("flac", 24)) as encoder, pytest.raises(RequestError, match=r"b\.flac"):
        encoder.encode(source, "00", tmp_path / "b.part", tmp_path / "b.flac")
    assert not list(tmp_path.iterdir())


def test_a_format_comes_back_from_a_jobs_origin(tmp_path: Path) -> None:
    for one in (AudioFormat(), AudioFormat("wav", 24), AudioFormat("flac", 16)):
        output = FolderOutput(tmp_path, asked=FormatRequest(*one.as_asked))
        kept = read_origin(origin_values(output.origin))
        assert isinstance(kept, FolderOrigin)
        assert asked_format(kept).of_folder() == one
