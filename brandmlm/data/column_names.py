"""What columns are usually called: names compared without case, blanks and punctuation."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

ROLES: Final = ("text", "rating", "date", "author", "group")

TABLES: Final = ("review", "product", "text")

# In the order of preference; as `plain_name` gives them.
TITLES: Final = (
    *("title", "reviewtitle", "summary", "reviewsummary", "headline", "reviewheadline", "reviewstitle", "subject"),
    *("reviewheading", "heading"),
)
BODIES: Final = (
    *("content", "reviewtext", "reviewbody", "reviewcontent", "verifiedreviews", "reviewstext", "review", "text"),
    *("body", "comment", "comments", "reviewcomment", "reviewdescription", "reviewdetail", "reviewmessage"),
    *("customerreview", "usercomment", "message", "opinion", "reviews", "description"),
)
PRODUCT_NAMES: Final = ("productname", "name", "producttitle", "title", "productdisplayname", "itemname")
SUBTITLES: Final = ("subtitle", "productsubtitle")
DESCRIPTIONS: Final = (
    # The raw one is HTML, which says where paragraphs end.
    *(
        "rawdescription",
        "description",
        "productdescription",
        "longdescription",
        "desc",
        "productdetails",
        "details",
        "aboutproduct",
    ),
    *("about", "features", "bulletpoints", "shortdescription"),
)
RATINGS: Final = (
    *("starrating", "rating", "stars", "overall", "reviewrating", "score", "reviewscore", "ratings", "overallrating"),
    *("reviewsrating", "ratingvalue", "reviewstars", "avgrating", "averagerating", "star"),
    *("sterne", "anzahlsterne", "étoiles", "estrellas", "stelle", "sterren"),
)
DATES: Final = (
    *("date", "reviewdate", "reviewedat", "reviewtime", "createdat", "timestamp", "unixreviewtime", "publishedat"),
    *("datetime", "submissiontime", "reviewsdate", "dateposted", "postedat", "time"),
)
AUTHORS: Final = (
    *("reviewer", "author", "reviewername", "username", "profilename", "reviewsusername", "customername", "nickname"),
    *("reviewauthor", "authorname", "user", "customer", "name"),
)


def plain_name(name: str) -> str:
    """A name without case, blanks, underscores and other punctuation: "Review Text" and review_text are equal."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def first_of(known: Iterable[str], header: Sequence[str], taken: Iterable[str] = ()) -> str | None:
    """The free column whose name comes first among the known ones, if any."""
    plain = {plain_name(name): name for name in reversed(header) if name and name not in taken}
    return next((plain[name] for name in known if name in plain), None)


def nearest(name: str, header: Sequence[str]) -> list[str]:
    """Up to three columns whose names are much like a name."""
    plain = {plain_name(other): other for other in header if other}
    wanted = plain_name(name)
    close = difflib.get_close_matches(wanted, plain, n=3, cutoff=0.6)
    within = [other for other in plain if len(wanted) > 2 and (wanted in other or (len(other) > 2 and other in wanted))]
    return [plain[other] for other in dict.fromkeys([*close, *within])][:3]
