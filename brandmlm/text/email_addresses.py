"""Replace e-mail addresses, however they are written, by a placeholder."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from brandmlm.text.domains import EMAIL_PROVIDERS, EMAIL_TOP_DOMAINS, TOP_DOMAINS
from brandmlm.text.placeholders import EMAIL

_LOCAL = r"(?<![\w.+%-])[\w+][\w.+%'-]{0,63}"
_TOP = rf"(?:{EMAIL_TOP_DOMAINS})(?![\w-])"

_PLAIN = re.compile(
    rf"(?:(?<!\w)mailto: ?)?(?:{_LOCAL}|\"[^\"@\s]{{1,64}}\")@(?P<domain>(?:[\w-]{{1,63}}\.){{1,8}}[^\W\d_]{{2,24}})",
    re.IGNORECASE,
)

# "john @ example.com", "john@example . com", "john@example,com", "john(@)example.com", "john [at] example [dot] com",
# "john doe @ gmail.com" where nothing else precedes the two words.
_AT = r"(?: ?@ ?| ?[\[({<] ?(?:@|at|a|ät) ?[\])}>] ?)"
_DOT = r"(?: ?\. ?|, ?| dot | ?[\[({<] ?(?:dot|\.|punkt|punto) ?[\])}>] ?)"
_SPACED = re.compile(
    rf"(?P<first>(?:^|(?<=[.:;,!?(] )|(?<=\bis )|(?<=\bto ))[^\W\d_]+ )?(?P<local>{_LOCAL}){_AT}"
    rf"(?=(?P<label>[\w-]{{1,63}}))(?:(?:[\w-]{{1,63}}\.){{1,4}}{_TOP}|[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,3}}?{_DOT}{_TOP}"
    rf"|(?:{EMAIL_PROVIDERS})(?![\w-]))",
    re.IGNORECASE,
)

# "john dot doe at example dot com", and "john at gmail.com" at providers only: people shop "at nike.com".
_SPOKEN_DOT = r" (?:dot|punto|punkt|point(?= (?:com|fr|net|org|be|ch|ca)\b)) "
_SPOKEN = re.compile(
    rf"(?P<local>{_LOCAL}(?: (?:dot|underscore|dash|minus|hyphen|plus|punto|punkt|point) [\w.+-]{{1,63}}){{0,4}})"
    rf" (?:at|at[ -]sign|ät|arroba|arobase|chiocciola) "
    rf"(?=(?P<label>[\w-]{{1,63}}))(?:[\w-]{{1,63}}(?:{_SPOKEN_DOT}[\w-]{{1,63}}){{0,3}}{_SPOKEN_DOT}{_TOP}"
    rf"|(?:{EMAIL_PROVIDERS})(?:(?: ?\. ?{_TOP}){{1,2}}| (?:com|net)(?!\w)))",
    re.IGNORECASE,
)

# "john_at_example_dot_com"
_JOINED = re.compile(r"(?<!\w)[a-z\d.]{1,63}([-_])at\1[a-z\d]{1,63}(?:\1dot\1[a-z\d]{2,63}){1,3}", re.IGNORECASE)

# Words before "@ nike.com" and "at nike dot com" that are no part of an address.
_NO_LOCAL: Final = frozenset(
    re.findall(
        r"\w+",
        "a an and are at available back be been bought buy cheaper check contact email find for found from get go got "
        "here i is it items look looked mail me my of on online or order ordered out pair pairs price prices purchase "
        "purchased reach sale saw see shoes shop shopped shopping site size sizes sold store stuff that the them "
        "these they this to us was we website were with write you",
    )
)

# What a spelled-out address holds, in lower case.
SPOKEN_HINTS: Final = (
    *(f"{mark}{dot}{mark}" for mark in " _-" for dot in ("dot", "punto", "punkt", "point")),
    *(f"{bracket}{at}" for bracket in "([{<" for at in ("at", " at", "a)", "ät")),
)
PROVIDER_AFTER_AT: Final = rf" at(?:[ -]sign)? (?:{EMAIL_PROVIDERS})[. ]"
_AT_PROVIDER = re.compile(PROVIDER_AFTER_AT)


def _is_spoken(text: str) -> bool:
    """Whether a text may hold an address without an @."""
    lower = text.lower()
    return any(hint in lower for hint in SPOKEN_HINTS) or (" at" in lower and bool(_AT_PROVIDER.search(lower)))


def _replace_plain(found: re.Match[str]) -> str:
    """Keep the first word of a sentence that is glued to the address ("a@b.com.Then I")."""
    labels = found["domain"].split(".")
    known = re.fullmatch(TOP_DOMAINS, labels[-1], re.IGNORECASE)
    glued = len(labels) > 2 and labels[-1].istitle() and not known
    return f"{EMAIL}.{labels[-1]}" if glued else EMAIL


def _is_shop(found: re.Match[str], brand: Collection[str]) -> bool:
    """Whether the words before the "at" are no part of an address: "bought at nike dot com", "socks @ nike.com"."""
    local = found["local"].casefold()
    return (
        local in _NO_LOCAL
        or not re.search(r"[^\W\d_]", local)
        or (local.isalpha() and (found["label"] or "").casefold() in brand)
    )


def replace_emails(text: str, brand: Collection[str]) -> str:
    """Replace e-mail addresses, also those with blanks, brackets or words for the @ and the dots.

    Args:
        text: one field.
        brand: lower case words of the brand, whose domains are shops ("socks at nike dot com").
    """

    def replace_spaced(found: re.Match[str]) -> str:
        if _is_shop(found, brand):
            return found.group()
        first = found["first"] or ""
        return first + EMAIL if first.strip().casefold() in _NO_LOCAL else EMAIL

    if "@" in text:
        text = _PLAIN.sub(_replace_plain, text)
    if "@" in text or _is_spoken(text):
        text = _JOINED.sub(EMAIL, _SPACED.sub(replace_spaced, text))
        text = _SPOKEN.sub(lambda found: found.group() if _is_shop(found, brand) else EMAIL, text)
    return text
