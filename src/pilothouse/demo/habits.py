"""The shares by which the kinds of world differ in what their sources hold."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Habits:
    """The shares (0 to 1) by which one world differs from another in what its sources hold.

    in_cmms, seen, watched: of all, of the networked, of the networked devices that stand in the CMMS
    export, the network scan, the security tool. two_cards: with a wired and a wireless address.
    entered_twice, scanned_twice, reported_twice: devices with two rows of one source. slips: devices whose
    only identifier in the CMMS carries one slip of the pen. sets: groups of five that share one CMMS row.
    filled_down: CMMS rows with the serial of the row above, as a spreadsheet copies it.
    retired: still listed, no longer on the network. gear: pieces of office IT per device.
    all_networked: every device is on the network, whatever it is.
    The rest is what the lying world does: see docs/domains/demo.md.
    """

    in_cmms: float = 0.96
    seen: float = 0.82
    watched: float = 0.72
    two_cards: float = 0.03
    entered_twice: float = 0.005
    scanned_twice: float = 0.01
    reported_twice: float = 0.005
    slips: float = 0.02
    sets: float = 0.0
    filled_down: float = 0.0
    retired: float = 0.04
    gear: float = 0.38
    all_networked: bool = False
    running_serials: bool = False
    moved_cards: float = 0.0
    docks: float = 0.0
    reused_tags: float = 0.0
    former_hosts: float = 0.0


def everywhere(habits: Habits) -> Habits:
    """The same habits with nearly every device in all three sources: for measurements, not for people."""
    return replace(habits, in_cmms=0.98, seen=0.98, watched=0.98, gear=0.04, all_networked=True)
