"""A planner beside a renderer in memory: its network comes to the device for a text and leaves it as others do."""

from __future__ import annotations

from collections.abc import Generator

from bandmate_plugins._engines.acestep.planner.decoding import PlannedText
from bandmate_plugins._engines.acestep.planner.fields import PlanFields
from bandmate_plugins._engines.acestep.planner.limits import CONTEXT_TOKENS
from bandmate_plugins._engines.acestep.planner.planning import PieceOrder, PlanningDesk, write_one
from bandmate_plugins._engines.acestep.planner.variants import InstalledPlanner
from bandmate_plugins._engines.acestep.planner.vocabulary import PlannerVocabulary
from bandmate_plugins._engines.acestep.sampling.layout import PLANNER
from bandmate_plugins._engines.acestep.sampling.modules import ModuleProvider
from bandmate_plugins._engines.acestep.stepping import OnStep, run_with_steps
from bandmate_plugins._engines.separation_nets.unusable import error_line
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import TaskContext
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


class PlannerRuntime:
    """Runs the orders of a desk on the planner that is a part of `modules`."""

    def __init__(self, here: InstalledPlanner, modules: ModuleProvider) -> None:
        """Raises RequestError (`engine_unavailable`) for a damaged planner."""
        self.here = here
        config = modules.checkpoint.config_of(PLANNER)
        self._modules = modules
        try:
            vocabulary = PlannerVocabulary.read_folder(here.folder)
            if vocabulary.code_end > int(config["vocab_size"]):
                raise ValueError("its network has fewer tokens than its vocabulary")
            context = min(CONTEXT_TOKENS, int(config.get("max_position_embeddings", CONTEXT_TOKENS)))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RequestError(
                ErrorCode.ENGINE_UNAVAILABLE,
                say(
                    "The planner {name} cannot be used: {error_line}.",
                    name=here.variant.name,
                    error_line=error_line(error),
                ),
                "`bandmate models verify` checks for damage; `bandmate models pull` downloads it again. "
                "`generate` works without `--think`.",
            ) from error
        self.desk = PlanningDesk(vocabulary, context)

    @property
    def name(self) -> str:
        """The planner's, as `bandmate models` has it."""
        return self.here.variant.name

    def plan_piece(
        self, order: PieceOrder, context: TaskContext
    ) -> Generator[Output, None, tuple[PlanFields, tuple[int, ...]]]:
        """Metadata and audio codes of a piece. Raises RequestError (`bad_params`) for what does not fit."""
        self.desk.check_piece(order)
        fields = order.given
        if not set(order.names) <= set(fields.given_values()):
            thought = yield from self.write(self.desk.thought_text(order), "Planning", context)
            fields = self.desk.read_thought(order, thought)
        codes = yield from self.write(self.desk.code_text(order, fields), "Writing audio codes", context)
        return fields, self.desk.read_codes(codes)

    def write(
        self, text: PlannedText, stage: str, context: TaskContext
    ) -> Generator[Output, None, PlannedText]:
        """Writes a text, with progress for each token."""

        def work(on_step: OnStep) -> PlannedText:
            with self._modules.use(PLANNER) as network:
                return write_one(network, text, on_step)

        return (yield from run_with_steps(work, stage, context))
