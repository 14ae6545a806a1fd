"""Guards: what is too much to be done without a person who says so. Pure: numbers in, a reason out.

A run is judged by its plan, the changes that come one by one by the last hour and day, a group by its members.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

FEW: Final = 5  # as many may always leave
FEW_MEMBERS: Final = 10
HIGHEST: Final = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Above them a person is asked. Shares are percents of the resources that are known over there."""

    leaving_percent: int = 20
    leaving_most: int = 500
    updating_percent: int = 50
    members_percent: int = 50

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Limits":
        """Of those that a connector's settings name; the others are the defaults. Raises TypeError, ValueError."""
        limits = cls(**{name: int(value) for name, value in found.items()})
        if not all(0 <= value <= HIGHEST for value in asdict(limits).values()):
            raise ValueError("a limit is a whole number between 0 and 1,000,000")
        return limits

    def may_leave(self, linked: int) -> int:
        """How many of the linked may be deactivated or deleted."""
        return min(max(FEW, linked * self.leaving_percent // 100), self.leaving_most)


def judge_plan(*, counts: Mapping[str, int], linked: int, is_changed: bool, limits: Limits) -> str:
    """Why a plan has to wait for approval, '' when it need not. `is_changed`: the mapping is another than before."""
    leaving = counts.get("deactivate", 0) + counts.get("delete", 0)
    if leaving > limits.may_leave(linked):
        return f"{leaving:,} of {linked:,} would be deactivated or deleted; {limits.may_leave(linked):,} may be."
    updating = counts.get("update", 0)
    if is_changed and updating > FEW and updating * 100 > linked * limits.updating_percent:
        return f"The mapping was changed, and {updating:,} of {linked:,} would be updated."
    return ""


def judge_leaving(*, hour: int, day: int, linked: int, limits: Limits) -> str:
    """Why another one may not leave without approval, '' when they may; the counts are of those who left already."""
    allowed = limits.may_leave(linked + day)
    for number, span in ((hour, "hour"), (day, "day")):
        if number + 1 > allowed:
            return f"{number:,} were deactivated or deleted within the last {span}; {allowed:,} may be."
    return ""


def judge_members(*, present: int, leaving: int, limits: Limits) -> str:
    """Why a group's members may not be taken away without approval, '' when they may."""
    if leaving > FEW_MEMBERS and leaving * 100 > present * limits.members_percent:
        return f"{leaving:,} of {present:,} members would leave the group."
    return ""
