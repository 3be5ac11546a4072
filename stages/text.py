"""Text repair: from a field as a site exported it to plain sentences without personal data. Pure functions on strings.

`repair` is the whole of it, in this order: HTML to text, Unicode, personal data, glued sentences, white space. It never
loses a letter or digit that is neither markup nor inside what a placeholder stands for, and repairing twice is
repairing once.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

import ftfy
import phonenumbers
from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

# Lower case in square brackets: no tokenizer's special token, and a word of every vocabulary inside.
EMAIL: Final = "[email]"
PHONE: Final = "[phone]"
URL: Final = "[url]"
CARD: Final = "[card]"
NUMBER: Final = "[number]"  # of an order, parcel, case, receipt ...
NAME: Final = "[name]"
PLACEHOLDERS: Final = (EMAIL, PHONE, URL, CARD, NUMBER, NAME)

_PLACEHOLDER = re.compile("|".join(map(re.escape, PLACEHOLDERS)))
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# A piece that ends so wants a full stop; one that ends in punctuation, a dash or an emoji does not.
_OPEN_END = re.compile(r"(?<![.!?:;,…])[)\]\"'”’]$|[^\W_]$|[%€$£°™®]$")
_PARAGRAPH = re.compile(r"\n\s*\n")

_BLOCK_TAGS: Final = (
    "address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "option", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
)  # fmt: skip
_SILENT_TAGS: Final = ("head", "noscript", "script", "style", "template", "title")
_INLINE_TAGS: Final = (
    "a", "abbr", "b", "big", "body", "button", "cite", "code", "del", "em", "font", "html", "i", "iframe", "img",
    "input", "ins", "label", "link", "mark", "meta", "o:p", "picture", "q", "s", "select", "small", "source", "span",
    "strike", "strong", "sub", "sup", "svg", "time", "tt", "u", "video", "wbr",
)  # fmt: skip
_TAG_NAMES = "|".join(sorted((*_BLOCK_TAGS, *_SILENT_TAGS, *_INLINE_TAGS), key=len, reverse=True))
# Known tags only: "<3", "size < 10" and "<John>" are what somebody wrote.
_TAG = re.compile(rf"</?(?:{_TAG_NAMES})(?=[\s/>])[^<>]*>|<!--", re.IGNORECASE)
_NO_TAG = re.compile(rf"<(?!/?(?:{_TAG_NAMES})(?=[\s/>])[^<>]*>|!--)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,30});")
_NO_ENTITY = re.compile(r"&(?!(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,30});)")


def squeeze(text: str) -> str:
    """White space of every kind to single blanks, none at the ends."""
    return " ".join(text.split())


def words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation and placeholders."""
    return _WORD.findall(_PLACEHOLDER.sub(" ", text).casefold())


def join_sentences(parts: list[str]) -> str:
    """Put pieces of text one after another, each but the last closed with a full stop where nothing closes it."""
    kept = [part for part in map(squeeze, parts) if part]
    closed = [f"{part}." if _OPEN_END.search(part[-2:]) else part for part in kept[:-1]]
    return " ".join([*closed, *kept[-1:]])


def _pieces(soup: BeautifulSoup) -> Iterator[str]:
    """The text of parsed HTML, with a blank line where a block begins and where it ends.

    One pass over the tree: to put the blank lines into it would take time in the square of its size.
    """
    waiting: list[PageElement | str] = [soup]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Tag):
            if node.name not in _SILENT_TAGS:
                edge = ["\n\n"] if node.name in _BLOCK_TAGS else []
                waiting += [*edge, *reversed(node.contents), *edge]
        elif type(node) in (str, NavigableString):  # a comment is a subclass
            yield str(node)


def _strip_tags(text: str) -> str:
    """One layer of HTML to text; blocks come out as paragraphs with a blank line between them."""
    if _TAG.search(text):
        text = squeeze(_PARAGRAPH.sub("<br>", text))
        soup = BeautifulSoup(_NO_ENTITY.sub("&amp;", _NO_TAG.sub("&lt;", text)), "lxml")
        return "".join(_pieces(soup))
    return _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)


def html_to_text(text: str) -> str:
    """HTML, escaped once or several times, to text; the end of a block is the end of a sentence.

    Text without markup keeps its paragraphs' ends as sentence ends, too; single line breaks become blanks.
    """
    # Exports escape what was escaped already ("&amp;lt;p&amp;gt;"). Every layer is shorter than the one before.
    while (_TAG.search(text) or _ENTITY.search(text)) and (stripped := _strip_tags(text)) != text:
        text = stripped
    return join_sentences(_PARAGRAPH.split(text))


_UNICODE = ftfy.TextFixerConfig(unescape_html=False, normalization="NFC")
_FOLDED: Final = ("<font>", "<wide>", "<narrow>", "<noBreak>")  # 𝗯𝗼𝗹𝗱 and ｗｉｄｅ letters; never ™, ² or ½


def _character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs" or character in "\t\n\r":
        return " "
    if category in ("Cc", "Cf", "Co", "Cs"):  # zero-width and soft-hyphen marks, byte-order marks, private symbols
        return ""
    if unicodedata.decomposition(character).startswith(_FOLDED):
        return unicodedata.normalize("NFKC", character)
    return "..." if character == "…" else character


# Around a word: what CSV makes of a quote, and an export made twice.
_DOUBLED_QUOTE = re.compile(r'(?<!")""(?=[^\W_])|(?<=[^\W_.!?,])""(?!")')


def fix_unicode(text: str) -> str:
    """Mojibake mended (ftfy), quotes straight and not doubled, every blank a plain one, zero-width marks gone, NFC.

    Compatibility characters stay, but for styled and wide letters: NFKC would glue ™ to a word as "TM" and make m² m2.
    """
    if not text.isascii():
        text = ftfy.fix_text(text, _UNICODE)
        text = unicodedata.normalize("NFC", "".join(map(_character, text)))
        text = re.sub(r"(?<=[^\W\d_])[´`](?=[^\W\d_])", "'", text)
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", " ", _DOUBLED_QUOTE.sub('"', text))


_SPECIAL = re.compile(r"\[(MASK|SEP|CLS|PAD|UNK|BOS|EOS)\]|<(/?s|mask|pad|unk|cls|sep|\|\w{1,40}\|)>", re.IGNORECASE)


def _harmless(token: re.Match[str]) -> str:
    return f"({token.group(1) or token.group(2)})"


_MAIL_ADDRESS = re.compile(
    r"(?<![\w.+-])(?:mailto:)?[^\W_][\w.+'-]{0,63}@(?P<domain>(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})"
    r"|(?<![\w.+-])[^\W_][\w.+-]{0,63} ?[\[(] ?at ?[\])] ?[\w-]{1,63}"
    r"(?: ?(?:\.|[\[(] ?dot ?[\])]) ?[\w-]{2,24}){1,4}"
)
_TOP_DOMAINS = "com|net|org|info|shop|store|app|co|uk|ie|us|ca|au|nz|in|de|fr|es|it|nl|be|eu|pl|se|dk|no|ch|at|io|ly|me"
_LINK = re.compile(
    rf"\b(?:(?:https?|ftp)://|www\.|(?:[a-z\d-]{{1,63}}\.){{1,4}}(?:{_TOP_DOMAINS})/)"
    r"(?:(?![.!?,]+(?-i:[A-Z][a-z]))[^\s<>\"])+",
    re.IGNORECASE,
)


def _mail_address(found: re.Match[str]) -> str:
    """The placeholder, and behind it the sentence that was glued to the address ("a@b.com.Then I")."""
    labels = (found["domain"] or "").split(".")
    known = re.fullmatch(_TOP_DOMAINS, labels[-1], re.IGNORECASE)
    glued = len(labels) > 2 and labels[-1].istitle() and not known
    return f"{EMAIL}.{labels[-1]}" if glued else EMAIL


def _link(found: re.Match[str]) -> str:
    address = found.group()
    return URL + address[len(address.rstrip(".,;:!?)]'*")) :]


_DATE = re.compile(r"(?:19|20)\d\d(?:\D+(?:19|20)\d\d)*|(?:19|20)\d\d\D\d\d?\D\d\d?|\d\d?\D\d\d?\D(?:19|20)?\d\d")
_STYLE = re.compile(r"[A-Z]{1,2}\d{4,5}-\d{3}|\d{6}-[A-Z\d]{3}|[A-Z]\d{7}-\d{3}", re.IGNORECASE)


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _stays(text: str) -> bool:
    """Whether digits are a date, years or a product's style code, whatever stands before them."""
    return bool(_DATE.fullmatch(text.strip()) or _STYLE.fullmatch(text.strip()))


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it, as on payment cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


_CARD = re.compile(
    r"(?<![\w-])(?:\d{4}(?:[ -]\d{4}){2}[ -]\d{1,7}|\d{4}[ -]\d{6}[ -]\d{4,5}|\d{13,19})(?!\d|[ -]\d{4})", re.ASCII
)
_CODE = r"(?:\d{2,}(?:[ -]\d{2,}){1,6}|[A-Z\d][A-Z\d-]{3,30}[A-Z\d])(?![A-Z\d-])"
# A number that the words before it call one.
_NAMED_NUMBER = re.compile(
    r"(\b(?:orders?|parcel|package|shipment|tracking|delivery|reference|ref|case|ticket|claim|invoice|receipt|"
    r"confirmation|returns?|rma|item|account|member(?:ship)?|customer|transaction|voucher|gift ?card|card)\b"
    r"(?:[ -](?:number|numbers|no|nr|num|id|code|reference|ref)\b\.?)?(?: (?:is|was))? ?[:=]? ?[\"'(]?)"
    rf"#? ?({_CODE})",
    re.IGNORECASE | re.ASCII,
)
_HASH_NUMBER = re.compile(rf"()#({_CODE})", re.IGNORECASE | re.ASCII)
# What no product, price or size looks like: one to four letters and eight digits or more; nine digits or more.
_LONG_NUMBER = re.compile(
    r"(?<![\w.,$£€₹-])(?:[A-Z]{1,4}\d{8,30}[A-Z]{0,2}|1Z[A-Z\d]{16}|\d{9,40})(?!\d|-\d)", re.ASCII
)
_PHONE_SHAPES = (
    re.compile(r"(?<![\w+.,])(?:\+|00)(?:\d[ .()-]{0,3}){7,14}\d(?!\d)", re.ASCII),
    re.compile(r"(?<![\w.-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[ .-]\d{4}(?![\w-])", re.ASCII),
    re.compile(r"(?<![\w.,-])\(?0\d{2,4}\)?[ -]\d{3,4}[ -]?\d{3,4}(?![\w-])", re.ASCII),
)
_NAMED_PHONE = re.compile(
    r"(\b(?:phone|telephone|tel|mobile|cell|whats ?app|call(?:ed)?|text(?:ed)?|ring|rang|dial(?:led)?)\b"
    r"[^.!?\d]{0,20})(\+?\(?\d[\d ().-]{5,20}\d)(?!\d)",
    re.IGNORECASE | re.ASCII,
)
_ENOUGH_DIGITS = re.compile(r"\d(?:\D{0,3}\d){6}")
# Where numbers without a country code are looked for; numbers with one are found from everywhere.
_PHONE_REGIONS: Final = ("US", "GB")


def _card(found: re.Match[str]) -> str:
    if _stays(found.group()):
        return found.group()
    return CARD if luhn(re.sub(r"\D", "", found.group())) else NUMBER


def _named_number(found: re.Match[str]) -> str:
    code = found[2]
    if _digits(code) < 4 or len(code) < 5 or _stays(code):
        return found.group()
    return f"{found[1]}{NUMBER}"


def _named_phone(found: re.Match[str]) -> str:
    return found.group() if _digits(found[2]) < 7 or _stays(found[2]) else f"{found[1]}{PHONE}"


def _phones(text: str) -> str:
    for region in _PHONE_REGIONS:
        matcher = phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.VALID)
        for match in reversed(list(matcher)):
            text = text[: match.start] + PHONE + text[match.end :]
    for shape in _PHONE_SHAPES:
        text = shape.sub(PHONE, text)
    return _NAMED_PHONE.sub(_named_phone, text)


def scrub(text: str) -> str:
    """Personal data to placeholders: e-mail addresses, links, phone, card and order numbers.

    Prices, sizes, years, dates, percentages and style codes stay, and so do shops named by their domain ("Nike.com").
    Special tokens of language models, written out by a user, get round brackets: a tokenizer would take them for its
    own.
    """
    text = _SPECIAL.sub(_harmless, text)
    text = _LINK.sub(_link, _MAIL_ADDRESS.sub(_mail_address, text))
    if _digits(text) < 4:
        return text
    text = _NAMED_NUMBER.sub(_named_number, _CARD.sub(_card, text))
    if _ENOUGH_DIGITS.search(text):
        text = _phones(text)
    return _LONG_NUMBER.sub(NUMBER, _HASH_NUMBER.sub(_named_number, text))


def scrub_name(text: str, name: str) -> str:
    """A person's full name to a placeholder; a name of one word may be any word, so it stays."""
    if len(name.split()) < 2:
        return text
    spelt = r"\s+".join(map(re.escape, name.split()))
    return re.sub(rf"(?<!\w){spelt}(?!\w)", NAME, text)


# Words that begin sentences: behind a small letter they betray a lost sentence end ("great pricesBecause").
_OPENERS = (
    "The|They|There|Then|This|That|These|Those|It|It's|We|We've|You|Your|He|She|His|Her|My|Our|Because|But|And|Also|"
    "After|Before|When|While|With|Without|Each|Every|Not|Never|No|Very|Just|Only|For|From|If|Is|In|On|At|As|So|An|Now"
)
# "By" is left out: "Nike Fly.By" is a shoe.
_LOWER_OPENERS = "the|they|this|that|and|but|very|highly|not|will|was|when|then|would|because|thanks?"
_SHORT_OPENERS = "It|We|My|No|So|In|At|On|As|If|He|Or|To|Do|An|Is|Of|Me|Up|Oh|Ok"
_GLUED: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # "ha!!Still", "u????Been", "ever...thanks"
        (r"([!?])(?=[^\W_])", r"\1 "),
        (r"(\.{2,})(?=[^\W_])", r"\1 "),
        # "COMFORT.The", "27th.Out", 'delay".Then', "error.I", "wasn't.I"; never "U.S.A", "e.g", "3.5", "Nike.com"
        (rf"((?:[^\W_]{{2}}|[)\]\"'%]|['’]t)\.)(?=[A-Z][a-z]{{2}}|(?:{_SHORT_OPENERS}|I|A)(?![^\W_]))", r"\1 "),
        (r"((?<!\.)\b\d\.)(?=[A-Z][a-z]{2})", r"\1 "),
        (rf"([^\W\d_]{{3}}\.)(?=[A-Z]{{2,}}\b)(?!(?i:{_TOP_DOMAINS})\b)", r"\1 "),
        # "feel.2 pockets"
        (r"([a-z]{3}\.)(?=\d)", r"\1 "),
        # "products.highly": in small letters only before words that are no domain
        (rf"([a-z]{{3}}\.)(?=(?:{_LOWER_OPENERS})\b)", r"\1 "),
        # "services,will", "(white)The", "Top:Hand"; never "1,000", "Ca,nt"
        (r"([^\W\d_]{2},)(?!(?:s|t|m|d|ll|re|ve|nt)\b)(?=[^\W\d_])", r"\1 "),
        (r"([^\W_]{2}[);:])(?=[A-Z][a-z]{2})", r"\1 "),
        # "pricesBecause", "happyI was", "editionShipping"; never "VaporMax", "iPhone", "eBay", "adiZero"
        (rf"(?<![^\W_])([a-z]{{3,}})(?=(?:{_OPENERS})\b)", r"\1. "),
        (r"(?<![^\W_])([a-z]{4,})(?=I(?:'[a-z]+)? [a-z])", r"\1. "),
        (r"(?<![^\W_])([a-z]{6,})(?=[A-Z][a-z]{3,}\b)", r"\1. "),
        # "my shoes .quality is ok ,but"
        (r"(?<=[^\W_]) +(?=[,!?](?:[^\W_]|\s|$)|[!?]{2}|\.(?:\s|$))", ""),
        (r"(?<=[^\W_]) +\.(?=[A-Z]|[a-z]{3,}\b)(?!(?i:com|net|org)\b)", ". "),
    )
)  # fmt: skip


def unglue(text: str) -> str:
    """Put the blanks back that an export lost between sentences. Adds blanks and full stops, deletes blanks only.

    Camel-case names stay whole ("VaporMax", "Dri-FIT", "McDonald"): two words are taken apart only where the first is
    in small letters throughout and the second opens a sentence or both are long.
    """
    for pattern, replacement in _GLUED:
        text = pattern.sub(replacement, text)
    return text


_HEADINGS = "Product Details|More Benefits|Benefits|Imported|Machine [Ww]ash|Hand [Ww]ash"
_EXPORT_SEAMS = (
    re.compile(rf"(?<=[^\s(\"'])(?=(?:{_HEADINGS}|(?:Shown|Style|Body|Fabric): ))"),
    re.compile(rf"((?:{_HEADINGS}))(?=[A-Z\d])"),
    re.compile(rf"(?<![^\W_])([A-Z]?[a-z]{{2,}})(?=(?:{_OPENERS}|A)\b)"),
    re.compile(r"(?<![^\W_])([a-z]{2,})(?=[A-Z])"),
    re.compile(r"[a-z]{2}(?=\d{1,3}(?:[-–]\d{1,3})?%)"),
)


def unglue_blocks(text: str) -> str:
    """Paragraphs of a product page whose HTML was removed without leaving blanks ("a snug fit.Product DetailsHood").

    Bolder than `unglue`: only for texts where every block's end was lost. Returns paragraphs with blank lines between.
    """
    for seam in _EXPORT_SEAMS:
        text = seam.sub(lambda found: f"{found.group()}\n\n", text)
    return text


def _settled(function: Callable[[str], str], text: str) -> str:
    """Apply a function until nothing changes: one mend can lay open another. Bounded, as two mends could undo each
    other for ever."""
    for _ in range(8):
        mended = function(text)
        if mended == text:
            break
        text = mended
    return text


def repair(text: str) -> str:
    """One field of a raw table as plain text: see the module's head for what is done, in that order."""
    return _settled(lambda text: squeeze(unglue(scrub(squeeze(fix_unicode(html_to_text(text)))))), text)


def join_title(title: str, body: str) -> str:
    """A review's title and body as one text in which neither repeats the other. Both repaired.

    A title that the body opens with, whole or cut off ("I bought a pair…"), is left out; a title whose last three words
    or more open the body loses these; a body that the title opens with is left out; else "Title. Body".
    """
    if not title or not body:
        return title or body
    cut_off = title.endswith(("...", "…"))
    places = list(_WORD.finditer(title))
    in_title = [word.casefold() for word in (place.group() for place in places)]
    in_body = [word.casefold() for word in _WORD.findall(body)]

    def opens(size: int) -> bool:
        """Whether the title's last `size` words open the body; the last word of a cut-off title may be cut, too."""
        ours, theirs = in_title[len(in_title) - size :], in_body[:size]
        whole = ours[:-1] == theirs[:-1] and len(ours) == len(theirs)
        return whole and (ours[-1] == theirs[-1] or (cut_off and theirs[-1].startswith(ours[-1])))

    if in_title and opens(len(in_title)):
        return body
    if in_body and in_title[: len(in_body)] == in_body:
        return title
    for size in range(len(in_title) - 1, 2, -1):
        if opens(size):
            return f"{title[: places[len(places) - size].start()].rstrip()} {body}"
    return join_sentences([title, body])
