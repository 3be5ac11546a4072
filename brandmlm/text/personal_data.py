"""Replace personal data by placeholders: addresses online, phones, cards, accounts, documents, orders."""

from __future__ import annotations

import re
from collections.abc import Collection

from brandmlm.text.bank_numbers import replace_cards, replace_ibans
from brandmlm.text.document_numbers import replace_document_numbers
from brandmlm.text.email_addresses import replace_emails
from brandmlm.text.online_identifiers import replace_handles, replace_ip_addresses, replace_links
from brandmlm.text.order_numbers import replace_long_numbers, replace_named_numbers
from brandmlm.text.phone_numbers import replace_phones

_SPECIAL_TOKEN = re.compile(
    r"\[(MASK|SEP|CLS|PAD|UNK|BOS|EOS)\]|<(/?s|mask|pad|unk|cls|sep|\|\w{1,40}\|)>", re.IGNORECASE
)

# Cheap conditions that a number has to meet before its forms are tried.
_FOUR_DIGITS = re.compile(r"(?:\d\D*){4}")
_SIX_DIGITS = re.compile(r"\d(?:[^\d]{0,6}\d){5}")  # close to each other


def _round_brackets(token: re.Match[str]) -> str:
    return f"({token.group(1) or token.group(2)})"


def scrub(text: str, brand: Collection[str] = ()) -> str:
    """Replace e-mail and web addresses, handles, IP addresses, phone, card, account, document and order numbers.

    Prices, sizes, years, dates, percentages, versions and style codes stay, and so do shops named by their domain
    ("Nike.com"). Special tokens of language models that a user typed get round brackets, because a tokenizer would read
    them as its own.

    Args:
        text: one field as plain text.
        brand: words of the brand in lower case, whose handles and shops stay ("@nike", "bought at nike dot com").
    """
    text = _SPECIAL_TOKEN.sub(_round_brackets, text) if "[" in text or "<" in text else text
    text = replace_handles(replace_links(replace_emails(text, brand)), brand)
    if not _FOUR_DIGITS.search(text):
        return replace_ip_addresses(text) if "::" in text else text
    text = replace_ip_addresses(text)
    if _SIX_DIGITS.search(text):
        text = replace_document_numbers(replace_cards(replace_ibans(text)))
    text = replace_named_numbers(text)
    return replace_long_numbers(replace_phones(text))
