"""Groups that do not leak: rows of one product and texts that share much of their wording are in one group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from brandmlm.data.near_duplicates import similar_texts
from brandmlm.data.product_names import without_brand

# Jaccard similarity of word pairs above which two texts share a group; the next one where a group would become too
# large (single linkage chains: A is like B, B like C ...).
SIMILAR: Final = (0.5, 0.6, 0.7, 0.8)

LARGEST: Final = 0.05  # share of the rows that links may add to a group; beyond, they have to be stricter

SMALL: Final = 20  # rows that links may add to any group

PRODUCT: Final = "product:"  # before a product's key


def product_group(key: str) -> str:
    """The group of a product, by its key from `product_names.product_key`."""
    return PRODUCT + key


class _Links:
    """A disjoint-set forest of groups."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, group: str) -> str:
        """The smallest group of those that are linked to this one: it does not depend on the order of the links."""
        root = self._parent.setdefault(group, group)
        while (above := self._parent[root]) != root:
            root = above
        while group != root:
            self._parent[group], group = root, self._parent[group]
        return root

    def link(self, one: str, other: str) -> None:
        lower, upper = sorted((self.root(one), self.root(other)))
        self._parent[upper] = lower


def merge_groups(groups: Sequence[str], tokens: Sequence[Sequence[str]], brand: Collection[str] = ()) -> list[str]:
    """Merge the groups of rows that would leak into each other's split.

    Merged are products whose keys differ in the brand's names only, and the groups of two texts with more than half of
    their word pairs in common. The result does not depend on the order of the rows, and rows whose group has no such
    link keep theirs.

    Args:
        groups: The group of each row by itself.
        tokens: The words of each row.
        brand: The brand's names.

    Returns:
        The group of each row.
    """
    products: dict[str, str] = {}  # key without the brand -> the first group that has it
    names = _Links()
    for group in dict.fromkeys(groups):
        if group.startswith(PRODUCT):
            key = without_brand(group.removeprefix(PRODUCT), brand)
            names.link(group, products.setdefault(key, group))
    named = [names.root(group) for group in groups]
    levels = {threshold: _Links() for threshold in SIMILAR}
    for place, similar in enumerate(similar_texts(tokens, SIMILAR[0])):
        for other, score in similar.items():
            for threshold, links in levels.items():
                if score > threshold:
                    links.link(named[place], named[other])
    merged = _strict_enough(Counter(named), list(levels.values()))
    return [merged[group] for group in named]


def _strict_enough(rows: Mapping[str, int], levels: Sequence[_Links]) -> dict[str, str]:
    """Merge each group at the first level that does not add too much to it; at none, it stays by itself.

    Args:
        rows: The number of rows of each group.
        levels: Links of groups, each level a part of those of the level before.
    """
    largest = max(SMALL, LARGEST * sum(rows.values()))
    merged: dict[str, str] = {}
    for links in levels:
        sizes, cores = Counter[str](), Counter[str]()  # rows of the result, and of its largest group before
        for group, count in rows.items():
            root = links.root(group)
            sizes[root] += count
            cores[root] = max(cores[root], count)
        for group in rows:
            root = links.root(group)
            if group not in merged and sizes[root] - cores[root] <= largest:
                merged[group] = root
    return {group: merged.get(group, group) for group in rows}
