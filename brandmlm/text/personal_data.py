"""Replace personal data (e-mail addresses, links, phone, card and order numbers, names) by placeholders."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers

from brandmlm.text.domains import TOP_DOMAINS
from brandmlm.text.placeholders import CARD, EMAIL, NAME, NUMBER, PHONE, URL

# --- special tokens ---------------------------------------------------------------------------------------------------

_SPECIAL_TOKEN = re.compile(
    r"\[(MASK|SEP|CLS|PAD|UNK|BOS|EOS)\]|<(/?s|mask|pad|unk|cls|sep|\|\w{1,40}\|)>", re.IGNORECASE
)


def _round_brackets(token: re.Match[str]) -> str:
    return f"({token.group(1) or token.group(2)})"


# --- e-mail addresses and links ---------------------------------------------------------------------------------------

_EMAIL_ADDRESS = re.compile(
    r"(?<![\w.+-])(?:mailto:)?[^\W_][\w.+'-]{0,63}@(?P<domain>(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})"
    r"|(?<![\w.+-])[^\W_][\w.+-]{0,63} ?[\[(] ?at ?[\])] ?[\w-]{1,63}"
    r"(?: ?(?:\.|[\[(] ?dot ?[\])]) ?[\w-]{2,24}){1,4}"
)

_LINK = re.compile(
    rf"\b(?:(?:https?|ftp)://|www\.|(?:[a-z\d-]{{1,63}}\.){{1,4}}(?:{TOP_DOMAINS})/)"
    r"(?:(?![.!?,]+(?-i:[A-Z][a-z]))[^\s<>\"])+",
    re.IGNORECASE,
)


def _replace_email(found: re.Match[str]) -> str:
    """Keep the first word of a sentence that is glued to the address ("a@b.com.Then I")."""
    labels = (found["domain"] or "").split(".")
    known = re.fullmatch(TOP_DOMAINS, labels[-1], re.IGNORECASE)
    glued = len(labels) > 2 and labels[-1].istitle() and not known
    return f"{EMAIL}.{labels[-1]}" if glued else EMAIL


def _replace_link(found: re.Match[str]) -> str:
    """Keep the punctuation after the link."""
    address = found.group()
    return URL + address[len(address.rstrip(".,;:!?)]'*")) :]


# --- digits that are no personal data ---------------------------------------------------------------------------------

_DATE = re.compile(r"(?:19|20)\d\d(?:\D+(?:19|20)\d\d)*|(?:19|20)\d\d\D\d\d?\D\d\d?|\d\d?\D\d\d?\D(?:19|20)?\d\d")
_STYLE_CODE = re.compile(r"[A-Z]{1,2}\d{4,5}-\d{3}|\d{6}-[A-Z\d]{3}|[A-Z]\d{7}-\d{3}", re.IGNORECASE)


def _is_harmless(text: str) -> bool:
    """Whether digits are a date, years or a product's style code, whatever precedes them."""
    return bool(_DATE.fullmatch(text.strip()) or _STYLE_CODE.fullmatch(text.strip()))


def _digit_count(text: str) -> int:
    return sum(map(str.isdigit, text))


# --- card, order and other numbers ------------------------------------------------------------------------------------

_CARD = re.compile(
    r"(?<![\w-])(?:\d{4}(?:[ -]\d{4}){2}[ -]\d{1,7}|\d{4}[ -]\d{6}[ -]\d{4,5}|\d{13,19})(?!\d|[ -]\d{4})", re.ASCII
)

_CODE = r"(?:\d{2,}(?:[ -]\d{2,}){1,6}|[A-Z\d][A-Z\d-]{3,30}[A-Z\d])(?![A-Z\d-])"

# A number whose preceding words call it one.
_NAMED_NUMBER = re.compile(
    r"(\b(?:orders?|parcel|package|shipment|tracking|delivery|reference|ref|case|ticket|claim|invoice|receipt|"
    r"confirmation|returns?|rma|item|account|member(?:ship)?|customer|transaction|voucher|gift ?card|card)\b"
    r"(?:[ -](?:number|numbers|no|nr|num|id|code|reference|ref)\b\.?)?(?: (?:is|was))? ?[:=]? ?[\"'(]?)"
    rf"#? ?({_CODE})",
    re.IGNORECASE | re.ASCII,
)
_HASH_NUMBER = re.compile(rf"()#({_CODE})", re.IGNORECASE | re.ASCII)

# One to four letters and eight digits or more; nine digits or more. No product, price or size has this form.
_LONG_NUMBER = re.compile(
    r"(?<![\w.,$£€₹-])(?:[A-Z]{1,4}\d{8,30}[A-Z]{0,2}|1Z[A-Z\d]{16}|\d{9,40})(?!\d|-\d)", re.ASCII
)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the preceding ones, as on cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _replace_card(found: re.Match[str]) -> str:
    if _is_harmless(found.group()):
        return found.group()
    return CARD if luhn(re.sub(r"\D", "", found.group())) else NUMBER


def _replace_number(found: re.Match[str]) -> str:
    code = found[2]
    if _digit_count(code) < 4 or len(code) < 5 or _is_harmless(code):
        return found.group()
    return f"{found[1]}{NUMBER}"


# --- phone numbers ----------------------------------------------------------------------------------------------------

# Numbers without a country code are parsed as if dialled in these regions; a country code works in any region.
_PHONE_REGIONS: Final = ("US", "GB")

_PHONE_SHAPES: Final = (
    re.compile(r"(?<![\w+.,])(?:\+|00)(?:\d[ .()-]{0,3}){7,14}\d(?!\d)", re.ASCII),
    re.compile(r"(?<![\w.-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[ .-]\d{4}(?![\w-])", re.ASCII),
    re.compile(r"(?<![\w.,-])\(?0\d{2,4}\)?[ -]\d{3,4}[ -]?\d{3,4}(?![\w-])", re.ASCII),
)

_NAMED_PHONE = re.compile(
    r"(\b(?:phone|telephone|tel|mobile|cell|whats ?app|call(?:ed)?|text(?:ed)?|ring|rang|dial(?:led)?)\b"
    r"[^.!?\d]{0,20})(\+?\(?\d[\d ().-]{5,20}\d)(?!\d)",
    re.IGNORECASE | re.ASCII,
)

_SEVEN_DIGITS = re.compile(r"\d(?:\D{0,3}\d){6}")


def _replace_named_phone(found: re.Match[str]) -> str:
    return found.group() if _digit_count(found[2]) < 7 or _is_harmless(found[2]) else f"{found[1]}{PHONE}"


def _replace_phones(text: str) -> str:
    for region in _PHONE_REGIONS:
        matcher = phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.VALID)
        for match in reversed(list(matcher)):
            text = text[: match.start] + PHONE + text[match.end :]
    for shape in _PHONE_SHAPES:
        text = shape.sub(PHONE, text)
    return _NAMED_PHONE.sub(_replace_named_phone, text)


# --- all of it --------------------------------------------------------------------------------------------------------


def scrub(text: str) -> str:
    """Replace e-mail addresses, links, phone, card and order numbers by placeholders.

    Prices, sizes, years, dates, percentages and style codes stay, and so do shops named by their domain ("Nike.com").
    Special tokens of language models that a user typed get round brackets, because a tokenizer would read them as its
    own.
    """
    text = _SPECIAL_TOKEN.sub(_round_brackets, text)
    text = _LINK.sub(_replace_link, _EMAIL_ADDRESS.sub(_replace_email, text))
    if _digit_count(text) < 4:
        return text
    text = _NAMED_NUMBER.sub(_replace_number, _CARD.sub(_replace_card, text))
    if _SEVEN_DIGITS.search(text):
        text = _replace_phones(text)
    return _LONG_NUMBER.sub(NUMBER, _HASH_NUMBER.sub(_replace_number, text))


def scrub_name(text: str, name: str) -> str:
    """Replace a person's full name by a placeholder. A name of one word may be any word and stays."""
    if len(name.split()) < 2:
        return text
    spelt = r"\s+".join(map(re.escape, name.split()))
    return re.sub(rf"(?<!\w){spelt}(?!\w)", NAME, text)
