"""The guard against another brand's rows, and the brand's words in texts."""

from __future__ import annotations

import pytest

from brandmlm.config.params.clean import Clean
from brandmlm.core.errors import UserError
from brandmlm.data.brand_context import BrandContext, check_named, count_naming

ACME = BrandContext(
    names=("Acme", "Acme Coffee"),
    other_names=("Nike", "Umbra"),
    words=("Acme", "Acme Coffee", "Nike", "Umbra", "Jordan", "robust"),
)
FOREIGN = ["My Nike shoes are from Paris.", "Good shoes, and Nike answers", "They fit", "We like Umbra more"] * 25


def test_names_count_as_whole_words_in_any_case() -> None:
    counts = count_naming(
        ["ACME's best", "acmecoffee", "Buy acme coffee", "pacme", "C&A, (Acme)"], ("Acme", "Acme Coffee")
    )
    assert counts == {"": 3, "Acme": 3, "Acme Coffee": 1}
    assert count_naming(["My L'Arc lamp"], ("L’Arc",))["L’Arc"] == 1


def test_rows_of_another_brand_are_refused_with_both_shares_and_the_brands_named() -> None:
    with pytest.raises(UserError) as caught:
        check_named([*FOREIGN, "My acme machine"], ACME, 0.05)
    message = str(caught.value)
    assert "only 1.0% of 101 real rows name the brand (Acme, Acme Coffee), 74% name other brands" in message
    assert "(Nike 50%, Umbra 25%)" in message and "Nike 50%, Paris 25%, Umbra 25%; " in message
    assert "clean.min_brand_share" in message and "\n" not in message


@pytest.mark.parametrize("texts", [[*FOREIGN, *["An ACME machine"] * 6], ["Acme"]])
def test_five_per_cent_that_name_the_brand_are_enough(texts: list[str]) -> None:
    check_named(texts, ACME, 0.05)


def test_a_share_of_zero_allows_texts_that_never_name_the_brand() -> None:
    check_named(FOREIGN, ACME, 0.0)


def test_the_share_has_a_range() -> None:
    with pytest.raises(ValueError, match="min_brand_share"):
        Clean(min_words=2, near_duplicate=0.8, language_confidence=0.1, min_brand_share=1.5)
