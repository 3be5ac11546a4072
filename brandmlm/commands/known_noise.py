"""The known noise of the project: read from a commit or the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brandmlm.commands.git import read_file

if TYPE_CHECKING:
    from brandmlm.config.params.reading import Params
    from brandmlm.reporting.comparison.noise import Noise


def known_noise(params: Params, commit: str | None = None) -> Noise | None:
    """The noise measured for the profile and the brand in force; None if there is none.

    The commit's own comes before the workspace's, so that a change does not loosen the gates that check it.

    Raises:
        UserError: The file is not what `make seeds` writes.
    """
    from brandmlm.reporting.comparison.noise import NOISE, parse_noise

    committed = read_file(commit, NOISE.as_posix()) if commit else None
    here = NOISE.read_bytes() if NOISE.is_file() else None
    for noise in (parse_noise(committed, str(commit)[:7]), parse_noise(here, "workspace")):
        if noise and (noise.profile, noise.brand) == (params.profile, params.brand):
            return noise
    return None
