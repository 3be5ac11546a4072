"""Replace links, handles and addresses of computers by placeholders."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from typing import Final

from brandmlm.text.domains import TOP_DOMAINS
from brandmlm.text.placeholders import NAME, NUMBER, URL

# --- links ------------------------------------------------------------------------------------------------------------

_LINK = re.compile(
    rf"\b(?:(?:https?|ftp)://|www\.|(?:[a-z\d-]{{1,63}}\.){{1,4}}(?:{TOP_DOMAINS})/)"
    r"(?:(?![.!?,]+(?-i:[A-Z][a-z]))[^\s<>\"])+",
    re.IGNORECASE,
)


def _replace_link(found: re.Match[str]) -> str:
    """Keep the punctuation after the link."""
    address = found.group()
    return URL + address[len(address.rstrip(".,;:!?)]'*")) :]


def replace_links(text: str) -> str:
    """Replace web addresses; a shop named by its domain alone ("Nike.com") stays."""
    return _LINK.sub(_replace_link, text) if "/" in text or "www." in text.casefold() else text


# --- handles ----------------------------------------------------------------------------------------------------------

_HANDLE = re.compile(
    r"(?:(?<![\w@/])@(?=\D[\w.-]*)(?=[\w.-]*[^\W\d_])|(?<![\w@/])@ (?=\w*_)|(?<=[^\W_]{2})@(?=[^\W\d_]{2}\w*[\d_]))"
    r"(?P<name>\w(?:[\w.-]{0,38}\w)?(?:@\w(?:[\w.-]{0,38}\w)?)*)"
)

# "insta: john_doe", "my IG is runner88": a platform, then a word with a digit or underscore inside.
_NAMED_HANDLE = re.compile(
    r"(?P<label>\b(?:(?:ig|insta|instagram|twitter|tiktok|snapchat|telegram|discord|skype|reddit|facebook|fb|youtube)"
    r"(?: (?:name|id|user|handle|account))?(?: is | ?[:=-] ?| )|(?:user ?name|nick ?name|my handle|snap)(?: is |: ?)))"
    r"(?P<name>(?=[\w.-]*[\d_])[^\W\d_][\w.-]{1,38}\w)",
    re.IGNORECASE,
)

PLATFORM_HINTS: Final = (
    *("ig ", "ig:", "insta", "twitter", "tiktok", "snap", "telegram", "discord", "skype", "reddit", "facebook", "fb"),
    *("youtube", "user", "nick", "handle"),
)

# Where people put @ for "at".
_PLACES: Final = frozenset(re.findall(r"\w+", "a all gym home least midnight my night noon once school the work"))

# What brands put behind their name in official handles ("@NikeSupport", "@nike_uk").
_OFFICIAL: Final = frozenset(
    re.findall(
        r"\w+",
        "app basketball care club customercare customerservice de es eu football fr golf help india it official "
        "online running service shop soccer sport sports store support team training uk us usa women",
    )
)


def _is_official(name: str, brand_words: Collection[str]) -> bool:
    plain = re.sub(r"[\W_]", "", name).casefold()
    return any(plain.startswith(word) and plain[len(word) :] in {"", *_OFFICIAL} for word in brand_words)


def replace_handles(text: str, brand_words: Collection[str]) -> str:
    """Replace names of accounts ("@john_doe", "insta: john.doe") by a name's placeholder.

    Args:
        text: one field.
        brand_words: lower case; "@nike" and "@NikeSupport" stay if "nike" is among them.
    """

    def replace(found: re.Match[str]) -> str:
        name = found["name"]
        if name.casefold() in _PLACES or _is_official(name, brand_words):
            return found.group()
        return f"{found.groupdict().get('label') or ''}{NAME}"

    if "@" in text:
        text = _HANDLE.sub(replace, text)
    lower = text.lower()
    if any(platform in lower for platform in PLATFORM_HINTS):
        text = _NAMED_HANDLE.sub(replace, text)
    return text


# --- addresses of computers -------------------------------------------------------------------------------------------

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IP4_DOT = r"(?: ?\. ?|\[\.\]|\(\.\))"
_IP4 = re.compile(
    rf"(?<![\d$£€])(?<!\d[.,])(?P<address>{_OCTET}(?:{_IP4_DOT}{_OCTET}){{3}})(?:[:/]\d{{1,5}})?(?!\d|\.\d)", re.ASCII
)
_DOTTED = re.compile(r"\d[^\w]{1,3}\d{1,3}[^\w]{1,3}\d")
# "v1.2.3.4", "firmware is 1.2.3.4"
_VERSION_BEFORE = re.compile(
    r"(?:\bv|\b(?:ver|version|firmware|build|release|update|software|ios|android|windows|chapter|section|driver|app|os|"
    r"kernel|patch)s?\b)[ .:]*(?:is |was |no\.? |number |to |v)?$",
    re.IGNORECASE,
)
_IP_BEFORE = re.compile(r"\b(?:ip|address)\b\W*(?:is |was )?$", re.IGNORECASE)
_IP6 = re.compile(r"(?<![\w:.])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![\w:])", re.IGNORECASE | re.ASCII)
_MAC = re.compile(
    r"(?<![\w:-])(?=[\d:-]*[a-f])[\da-f]{2}([:-])[\da-f]{2}(?:\1[\da-f]{2}){4}(?![\w:-])", re.IGNORECASE | re.ASCII
)


def _replace_ip4(found: re.Match[str]) -> str:
    """Keep versions: after a word for one, or four single digits that nothing calls an address."""
    before = found.string[max(0, found.start() - 30) : found.start()]
    small = all(len(octet) == 1 for octet in re.findall(r"\d+", found["address"]))
    if _VERSION_BEFORE.search(before) or (small and not _IP_BEFORE.search(before)):
        return found.group()
    return NUMBER


def _replace_ip6(found: re.Match[str]) -> str:
    try:
        ipaddress.IPv6Address(found.group())
    except ValueError:  # a time, a ratio
        return found.group()
    groups = [group for group in found.group().split(":") if group]
    mixed = any(not group.isdigit() and not group.isalpha() for group in groups)
    long = len(groups) >= 3 and any(len(group) >= 3 for group in groups)
    return NUMBER if long or mixed else found.group()  # never "10::30" or "1:2:3:4:5:6:7:8"


def replace_ip_addresses(text: str) -> str:
    """Replace IP addresses of both versions and MAC addresses; version numbers of four parts stay."""
    if _DOTTED.search(text):
        text = _IP4.sub(_replace_ip4, text)
    if text.count(":") >= 2 or text.count("-") >= 5:
        text = _IP6.sub(_replace_ip6, _MAC.sub(NUMBER, text))
    return text
