"""How many sentences to draw, by label and by brand."""

from __future__ import annotations

from brandmlm.config.params.synthesize import Synthesize
from brandmlm.core.errors import UserError
from brandmlm.data.corpus import LABELS


def check_label_shares(params: Synthesize) -> None:
    """Raise UserError if the shares of the labels add up to more than 1."""
    if params.wanted_share + params.unwanted_share > 1 + 1e-9:
        raise UserError(
            f"params.yaml: synthesize.wanted_share ({params.wanted_share}) and synthesize.unwanted_share "
            f"({params.unwanted_share}) add up to more than 1; lower one"
        )


def quotas(params: Synthesize) -> dict[tuple[bool, str], int]:
    """The number of sentences to draw, by (about our brand, label); zeros included.

    The shares of the brand and of the labels hold over all sentences up to rounding, and so does the brand's share
    within each label.
    """
    total = params.sentences
    wanted = round(total * params.wanted_share)
    unwanted = min(round(total * params.unwanted_share), total - wanted)
    by_label = {"wanted": wanted, "unwanted": unwanted, "neutral": total - wanted - unwanted}
    brand = round(total * params.brand_share)
    # Largest remainders: integers with the right sum, none further than 1 from its exact share.
    exact = {label: brand * count / total for label, count in by_label.items()}
    ours = {label: int(share) for label, share in exact.items()}
    by_remainder = sorted(LABELS, key=lambda label: ours[label] - exact[label])
    for label in by_remainder[: brand - sum(ours.values())]:
        ours[label] += 1
    made = {(True, label): ours[label] for label in LABELS}
    return made | {(False, label): by_label[label] - ours[label] for label in LABELS}
