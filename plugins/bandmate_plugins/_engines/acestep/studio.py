"""One checkpoint in memory, and what the abilities want of it: latents, renderings, audio."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bandmate_plugins._engines.acestep import memory
from bandmate_plugins._engines.acestep.ask import GuidePlan, RenderSpec
from bandmate_plugins._engines.acestep.grid import CodecExcerpt, LatentGrid, SourceSpan, read_excerpt
from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.place import DeviceMemory
from bandmate_plugins._engines.acestep.planner.runtime import PlannerRuntime
from bandmate_plugins._engines.acestep.planner.variants import InstalledPlanner
from bandmate_plugins._engines.acestep.presets import SamplerPreset, choose_preset
from bandmate_plugins._engines.acestep.residency import LayerStreamedModules, OffloadedModules
from bandmate_plugins._engines.acestep.sampling import canvas as canvases
from bandmate_plugins._engines.acestep.sampling import codec
from bandmate_plugins._engines.acestep.sampling.canvas import LatentCanvas
from bandmate_plugins._engines.acestep.sampling.checkpoint import open_checkpoint
from bandmate_plugins._engines.acestep.sampling.conditioning import (
    TIMBRE_LATENTS,
    PromptCondition,
    encode_condition,
    silent_latents,
)
from bandmate_plugins._engines.acestep.sampling.modules import ModuleProvider, ResidentModules
from bandmate_plugins._engines.acestep.sampling.plan import SamplingPlan
from bandmate_plugins._engines.acestep.sampling.prompt import (
    INSTRUMENTAL,
    PromptFields,
    task_instruction,
    tokenize_prompt,
)
from bandmate_plugins._engines.acestep.sampling.sampler import SamplingTarget, sample_latents
from bandmate_plugins._engines.acestep.stepping import run_with_steps
from bandmate_plugins._engines.acestep.takes import TakeIndex, TakeMatch
from bandmate_plugins._engines.acestep.variants import InstalledCheckpoint
from bandmate_plugins._platform.devices import choose_device
from bandmate_plugins.outputs import Output, StageProgress
from bandmate_plugins.request import AudioInput, TaskContext
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Ability

Floats = NDArray[np.float32]

_FIRST_WINDOW = 64
"""Latents of the first window, 2.6 s, so that audio leaves early."""
_FADE_LATENTS = 25
"""Over which a repaint that is held throughout goes over into the latents around it: upstream's rule."""
LAYERED = ("transformer", "text_encoder", "condition_encoder")
"""What is brought in layer by layer in the smallest tier; the other parts are small."""
_AUTO_MASK = 2.0
"""What upstream's newest code sends in place of a mask."""


@dataclass(frozen=True)
class RenderSession:
    """How the job at hand is run."""

    preset: SamplerPreset

    @property
    def preset_report(self) -> dict[str, Any]:
        """For programs."""
        return {"steps": self.preset.steps, "guidance": self.preset.guidance, "shift": self.preset.shift}


class CheckpointRuntime:
    """A checkpoint on a device, as much of it at a time as the free memory allows."""

    def __init__(
        self,
        here: InstalledCheckpoint,
        device: str,
        tier: str,
        store: LatentStore,
        place: DeviceMemory | None = None,
        planner: InstalledPlanner | None = None,
    ) -> None:
        """`planner` comes along as one more part, which takes its turn on the device with the others."""
        self.here = here
        self._checkpoint = open_checkpoint(here.folder, here.shared, planner.folder if planner else None)
        self._place = place or DeviceMemory(device)
        self._store = store
        choice = choose_device()
        self._dtype = torch.float32 if device == "cpu" else getattr(torch, choice.number_format)
        self._trouble = choice.remark
        names = self._checkpoint.names
        sizes = {name: self._checkpoint.module_bytes(name, self._dtype) for name in names}
        free_bytes = self._place.free_bytes()
        self._fit = memory.choose_residency(sizes, free_bytes, tier)
        layered = (*LAYERED, *memory.too_large_alone(sizes, free_bytes))
        self._modules = self._make_modules(self._fit.residency, layered)
        self.planner = PlannerRuntime(planner, self._modules) if planner else None
        self._tokenizer: Any = None
        self._takes: dict[LatentGrid, TakeIndex] = {}
        self._session: RenderSession | None = None

    def _make_modules(self, residency: memory.Residency, layered: Sequence[str]) -> ModuleProvider:
        if residency == "resident":
            return ResidentModules(self._checkpoint, self._place.device, self._dtype)
        if residency == "visiting":
            return OffloadedModules(self._checkpoint, self._place, self._dtype)
        return LayerStreamedModules(self._checkpoint, self._place, self._dtype, layered)

    @property
    def name(self) -> str:
        """The checkpoint's."""
        return self.here.variant.name

    def has_planner(self, wanted: str) -> bool:
        """Whether the planner of that name is here."""
        here = self.planner
        return here is not None and wanted in (here.name, here.here.variant.model.hub_id)

    @property
    def device(self) -> str:
        """Where it computes."""
        return str(self._place.device)

    @property
    def hop(self) -> int:
        """Samples of one latent."""
        return int(self._checkpoint.hop)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the musician should know of how it runs."""
        return tuple(sentence for sentence in (self._trouble, self._fit.sentence) if sentence)

    def grid_at(self, rate: int) -> LatentGrid:
        """The codec's grid beside a project's rate."""
        return LatentGrid(rate, self._checkpoint.sample_rate, self.hop)

    def begin_job(self, ability: Ability, options: AceStepOptions) -> RenderSession:
        """Sets how the renderings of a job are run. Raises RequestError (`bad_params`)."""
        self._session = RenderSession(
            choose_preset(self.here.variant, ability, options.steps, options.guidance)
        )
        return self._session

    def find_take(self, source: AudioInput, grid: LatentGrid) -> TakeMatch | None:
        """The take that was made here and that a source comes from, if it is known."""
        return self._take_index(grid).find_match(source)

    def source_latents(
        self,
        stretch: SourceSpan,
        context: TaskContext,
        take: TakeMatch | None = None,
        spare: Sequence[tuple[int, int]] = (),
    ) -> Generator[Output, None, Floats]:
        """Latents of a source, shape (latents, channels): those of a take, or else encoded.

        What lies in `spare` is not heard afterwards, so it need not be known of a take.
        """
        take = take or self.find_take(stretch.source, stretch.grid)
        if take is not None:
            quiet: Floats = self._silent_latents(stretch.last - stretch.first)[0].cpu().numpy()
            known = take.latents_over(stretch, spare, quiet)
            if known is not None:
                return known
        return (yield from self._encode_excerpt(read_excerpt(stretch), context))

    def _encode_excerpt(self, part: CodecExcerpt, context: TaskContext) -> Generator[Output, None, Floats]:
        """Latents of audio: those that are kept, else made and kept."""
        kept: Floats | None = self._store.get(self._codec_digest, part.digest)
        if kept is not None:
            return kept
        yield StageProgress("Analysing", 0, 1)
        made = codec.encode_audio(
            self._modules, part.samples, window=self._window_latents(), on_window=lambda *_: context.check()
        )
        latents: Floats = made[0].numpy()
        self._store.put(self._codec_digest, part.digest, latents=latents)
        yield StageProgress("Analysing", 1, 1)
        return latents

    def read_codes(self, latents: Floats) -> list[int]:
        """The audio codes that stand for latents, shape (latents, channels)."""
        return codec.read_codes(self._modules, _batch_tensor(latents))

    def remember_take(self, grid: LatentGrid, audio: Floats, latents: Floats) -> None:
        """Keeps latents that audio, shape (frames, 2), was decoded from: it may come back as a source."""
        self._take_index(grid).add_take(audio, latents)

    def _take_index(self, grid: LatentGrid) -> TakeIndex:
        if grid not in self._takes:
            self._takes[grid] = TakeIndex(self._store, self._codec_digest, grid)
        return self._takes[grid]

    def pad_latents(self, latents: Floats, length: int) -> Floats:
        """Latents with silence after them up to a length."""
        if len(latents) >= length:
            return latents
        quiet: Floats = self._silent_latents(length)[0].cpu().numpy()
        return np.concatenate([latents, quiet[len(latents) :]])

    def reference_latents(
        self, audio: AudioInput, rate: int, context: TaskContext
    ) -> Generator[Output, None, Floats]:
        """Latents of how audio sounds: ten seconds of each third of it, repeated where it is shorter."""
        grid = self.grid_at(rate)
        third = TIMBRE_LATENTS // 3
        whole = grid.covering_latents(audio.frames)
        starts = [0, max((whole - third) // 2, 0), max(whole - third, 0)]
        made = []
        for start in starts:
            last = min(start + third, whole)
            latents = yield from self.source_latents(
                SourceSpan(audio, audio.start_frame, start, last, grid), context
            )
            made.append(np.resize(latents, (third, latents.shape[1])))
        return np.concatenate(made)

    def render_latents(self, ask: RenderSpec, context: TaskContext) -> Generator[Output, None, Floats]:
        """Latents of a rendering, shape (latents, channels)."""
        assert self._session is not None, "a job begins with `begin`"
        own = self._session.preset
        yield StageProgress("Reading the prompt", 0, 1)
        aim, then = self._sampling_targets(ask, own)
        context.check()
        plan = self._sampling_plan(ask, own)
        latents = yield from run_with_steps(
            lambda on_step: sample_latents(
                self._modules, plan, aim.condition, aim.canvas, [ask.seed], on_step, then
            ),
            "Rendering",
            context,
        )
        result: Floats = latents[0].float().cpu().numpy()
        return result

    def decode_latents(self, latents: Floats, first: int, last: int) -> Iterator[Floats]:
        """Audio of latents, window by window, each of shape (samples, 2); the first window is a short one."""
        window = self._window_latents()
        early = min(_FIRST_WINDOW, window)
        yield from codec.decode_windows(
            self._modules, _batch_tensor(latents), first, last, window, early=early
        )

    def _sampling_targets(
        self, ask: RenderSpec, own: SamplerPreset
    ) -> tuple[SamplingTarget, SamplingTarget | None]:
        """What the steps are held to, and what after those of a guide, or of a cover that is let go of on the way."""
        if ask.guide is not None:
            return self._guided_targets(ask, ask.guide)
        plain = None
        if ask.cover < 1:
            free = canvases.blank_canvas(self._silent_latents(ask.latents), _initial_latents(ask))
            plain = SamplingTarget(self._encode_prompt(ask, "text2music"), free)
            if int(own.steps * ask.cover) == 0:
                return plain, None
        return SamplingTarget(self._encode_prompt(ask, ask.mode), self._make_canvas(ask)), plain

    def _guided_targets(
        self, ask: RenderSpec, guide: GuidePlan
    ) -> tuple[SamplingTarget, SamplingTarget | None]:
        """The guide as the source of a cover, and after it what the mode itself asks for, if any step is left."""
        latents = _batch_tensor(guide.latents)
        hints = codec.token_hints(self._modules, latents) if guide.form == "codes" else latents
        clean = latents if ask.first_noise_start > 0 else None
        led = SamplingTarget(self._encode_prompt(ask, "cover"), canvases.cover_canvas(hints, clean))
        if guide.share >= 1:
            return led, None
        return led, SamplingTarget(self._encode_prompt(ask, ask.mode), self._make_canvas(ask))

    def _make_canvas(self, ask: RenderSpec) -> LatentCanvas:
        if ask.codes:
            return canvases.cover_canvas(codec.code_hints(self._modules, ask.codes, ask.latents))
        if ask.source is None:
            return canvases.blank_canvas(self._silent_latents(ask.latents))
        source = _batch_tensor(ask.source)
        mask = _AUTO_MASK if ask.mask == "auto" else 1.0
        if ask.regions:
            return canvases.repaint_canvas(source, self._silent_latents(ask.latents).cpu(), ask.regions, mask)
        if ask.mode == "cover":
            return canvases.cover_canvas(codec.token_hints(self._modules, source), _initial_latents(ask))
        return canvases.source_canvas(source, mask_value=mask)

    def _sampling_plan(self, ask: RenderSpec, own: SamplerPreset) -> SamplingPlan:
        hold = ask.hold if ask.regions else 0.0
        return SamplingPlan(
            steps=own.steps,
            shift=own.shift,
            guidance=own.guidance,
            method=ask.sampler,
            noise_start=ask.first_noise_start,
            cover_share=ask.cover if ask.guide is None else ask.guide.share,
            inject_share=hold,
            crossfade_latents=round(_FADE_LATENTS * hold),
        )

    def reads_caption(self, ask: RenderSpec) -> bool:
        """Whether a rendering's description fits what the text encoder reads."""
        try:
            tokenize_prompt(self._prompt_fields(ask, ask.mode), self._load_tokenizer())
        except RequestError:
            return False
        return True

    def _encode_prompt(self, ask: RenderSpec, mode: str) -> PromptCondition:
        reference = None if ask.reference is None else _batch_tensor(ask.reference)
        words = self._prompt_fields(ask, mode)
        return encode_condition(self._modules, words, self._load_tokenizer(), reference)

    def _load_tokenizer(self) -> Any:
        if self._tokenizer is None:
            self._tokenizer = self._checkpoint.load_tokenizer()
        return self._tokenizer

    def _prompt_fields(self, ask: RenderSpec, mode: str) -> PromptFields:
        music = ask.music
        # A repaint is told of the whole canvas, which goes on beyond its range.
        seconds = self._latent_seconds(ask.latents) if ask.regions else music.seconds
        return PromptFields(
            caption=ask.caption,
            instruction=task_instruction(mode, ask.tracks),
            bpm=music.bpm,
            timesignature=None if music.metre is None else str(music.metre),
            keyscale=music.key,
            duration_s=max(seconds, 1.0),
            lyrics=ask.lyrics.strip() or INSTRUMENTAL,
            language=ask.language,
        )

    def _window_latents(self) -> int:
        """How many latents to take through the codec at a time: what is free now, beside the weights."""
        return memory.window_latents(self._place.free_bytes())

    def _silent_latents(self, length: int) -> torch.Tensor:
        """Silence as the codec has it, shape (1, latents, channels)."""
        return silent_latents(self._modules, length)

    def _latent_seconds(self, latents: int) -> float:
        return latents * self.hop / self._checkpoint.sample_rate

    @property
    def _codec_digest(self) -> str:
        """What tells the codec's latents from those of another."""
        files = sorted((self.here.shared / "vae").glob("*.safetensors"))
        stamps = [(path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        return f"{self.hop} {stamps} {self._dtype}"


def _initial_latents(ask: RenderSpec) -> torch.Tensor | None:
    """The source that the first step begins near to, if it does."""
    return _batch_tensor(ask.source) if ask.first_noise_start > 0 else None


def _batch_tensor(latents: Floats) -> torch.Tensor:
    """Latents of shape (latents, channels) as the network has them: (1, latents, channels)."""
    return torch.from_numpy(np.ascontiguousarray(latents))[None]
