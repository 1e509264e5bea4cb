"""What changes around the daemon without a word: the clock, the network, the file of its configuration."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.service.tools import Tools

JUMP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Change:
    """`jump`: seconds by which the wall clock ran ahead (suspend, or it was set) or back, 0.0 for none worth a thought;
    `network`: there is another way out; `file`: the configuration was changed, and held still since the last look."""

    jump: float = 0.0
    network: bool = False
    file: bool = False


class Surroundings:
    """Compares each look with the one before."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._offset = self._clock_offset()
        self._way_out = tools.way_out()
        self._read = self._seen = tools.mark()

    @property
    def is_unsettled(self) -> bool:
        """Whether the file is being written just now: look again soon."""
        return self._read != self._seen

    def look(self) -> Change:
        return Change(self._jump(), self._network(), self._file())

    def file_was_read(self) -> str:
        """The file as it is now is known; what it is called in the memory of what was told."""
        self._read = self._seen = self._tools.mark()
        return str(self._read)

    def _clock_offset(self) -> float:
        """The monotonic clock stands still during a suspend and cannot be set; the wall clock does neither."""
        return self._tools.now().timestamp() - self._tools.seconds()

    def _jump(self) -> float:
        before, self._offset = self._offset, self._clock_offset()
        jump = self._offset - before
        return jump if abs(jump) >= JUMP_SECONDS else 0.0

    def _network(self) -> bool:
        before, self._way_out = self._way_out, self._tools.way_out()
        return bool(self._way_out) and self._way_out != before

    def _file(self) -> bool:
        before, self._seen = self._seen, self._tools.mark()
        return self._seen != self._read and self._seen == before
