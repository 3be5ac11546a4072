"""Replace numbers of identity documents, by their form and check digit, by a placeholder."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from stdnum import luhn, verhoeff
from stdnum.at import vnr
from stdnum.br import cpf
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.ie import pps
from stdnum.no import fodselsnummer

from brandmlm.text.digit_groups import digits_of, is_amount, is_list, is_year
from brandmlm.text.placeholders import NUMBER, replace_if

Check = Callable[[re.Match[str]], bool]

# Pairs of letters that a sentence may have before three sizes and an "a", of those that begin a NINO.
_NINO_PREFIX = re.compile(
    r"(?!am|as|at|be|by|cm|go|he|kg|km|me|ml|mm|my|or|so|we)[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z]", re.I
)


def _valid(check: Callable[[str], bool]) -> Check:
    return lambda found: check(re.sub(r"[\W_]", "", found.group()).upper())


def _always(found: re.Match[str]) -> bool:
    return True


def _is_nino(found: re.Match[str]) -> bool:
    """With blanks, two small letters before and one after three sizes may be words of a sentence."""
    text = found.group()
    if " " in text and not text.isupper() and not _NINO_PREFIX.match(text):
        return False
    return not is_list(re.sub(r"[^\d ]", "", text))


def _is_ssn(found: re.Match[str]) -> bool:
    """With blanks, three models and a year ("270 97 2020") have the form, too."""
    return not (" " in found.group() and is_year(found.group()[-4:]))


def _is_aadhaar(found: re.Match[str]) -> bool:
    """With a right check digit, or three groups that are neither years nor prices."""
    text = found.group()
    groups = re.findall(r"\d+", text)
    prices = any(is_year(group) or group.endswith(("00", "50", "95", "99")) for group in groups)
    return not is_list(text) and (not prices or verhoeff.is_valid(digits_of(text)))


def _is_sin(found: re.Match[str]) -> bool:
    return luhn.is_valid(digits_of(found.group())) and not is_amount(found.group())


def _begins_with_birth_date(found: re.Match[str]) -> bool:
    """Whether the six or eight digits before the dash are a date of birth, year or day first."""
    digits = digits_of(re.split(r"[-+Aa]", found.group())[0])[-6:]
    first, month, last = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    return 1 <= month <= 12 and (1 <= last <= 31 or 61 <= last <= 91 or 1 <= first <= 31)


_D = r"[ .-]"  # one separator of a document's number
_DOCUMENTS: Final[tuple[tuple[str, Check], ...]] = (
    (rf"\d{{3}}({_D})\d\d\1\d{{4}}", _is_ssn),  # SSN and ITIN (US)
    (r"[A-Z]{2}[ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[A-D]", _is_nino),  # GB
    (r"\d{3}\.\d{3}\.\d{3}[-/. ]?\d\d|\d{9}[-/]\d\d", _always),  # CPF (BR)
    (r"\d{3} \d{3} \d{3}[ -]\d\d|\d{3}-\d{3}-\d{3}-\d\d", _valid(cpf.is_valid)),
    (r"\d\d\.?\d{3}\.?\d{3}/\d{4}-\d\d", _always),  # CNPJ (BR)
    (rf"[2-9]\d{{3}}({_D})\d{{4}}\1\d{{4}}", _is_aadhaar),  # IN
    (r"\d{8}[ -]?[A-Z]|\d\d\.\d{3}\.\d{3}[ -]?[A-Z]", _valid(dni.is_valid)),  # ES
    (r"[XYZ]-?\d{7}-?[A-Z]", _valid(nie.is_valid)),  # ES
    (r"[1-478] \d\d (?:0[1-9]|1[0-2]|[2-9]\d) (?:\d\d|2[AB]) \d{3} \d{3}(?: \d\d)?", _always),  # NIR (FR)
    (r"[1-478]\d\d(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d\d|2[AB])\d{6}(?: ?\d\d)?", _always),
    (rf"\d\d{_D}?\d{{3}}{_D}?\d{{3}}{_D}?\d{{3}}", _valid(idnr.is_valid)),  # tax number (DE)
    (r"\d\d ?[0-3]\d[01]\d\d\d ?[A-Z] ?\d{3}", _always),  # pension insurance (DE)
    (r"(?:(?:18|19|20)\d\d|\d\d)\d{4}[-+]\d{4}", _begins_with_birth_date),  # SE, DK, LV
    (r"\d{6}[-+A]\d{3}[\dA-Y]", _begins_with_birth_date),  # FI
    (r"\d{6}-[1-8]\d{6}", _begins_with_birth_date),  # KR
    (r"\d{6} \d{5}", _valid(fodselsnummer.is_valid)),  # NO
    (r"\d\d\.\d\d\.\d\d-\d{3}[.-]\d\d", _always),  # BE
    (r"756[. ]\d{4}[. ]\d{4}[. ]\d\d", _always),  # CH
    (r"\d{4} \d{6}(?! \d)", _valid(vnr.is_valid)),  # AT
    (r"\d{7}[A-W][A-IW]?", _valid(pps.is_valid)),  # IE
    (rf"\d{{3}}({_D})\d{{3}}\1\d{{3}}", _is_sin),  # CA
    (r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", _always),  # RUT (CL)
    (r"\d\d-\d{8}-\d", _always),  # CUIT (AR)
    (r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]", _always),  # codice fiscale (IT)
    (r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d", _always),  # CURP (MX)
    (r"\d{17}X", _always),  # CN
    (r"784-\d{4}-\d{7}-\d", _always),  # AE
    (r"[A-Z9]{5}\d{6}[A-Z9]{2}\d[A-Z]{2}", _always),  # driving licence (GB)
    (r"(?-i:[STFGM])\d{7}[A-Z]", _always),  # SG
    (r"\d\d-\d\d-\d\d[ ,]{1,2}\d{8}", _always),  # sort code and account (GB)
)
_DOCUMENT_FORMS: Final = tuple(
    (
        re.compile(
            rf"(?:(?<![A-Z\d#$£€])|(?<=[A-Z]{{3}}))(?<!\d[.,/-])(?:{form})(?![A-Z\d]|[.-]\d)", re.IGNORECASE | re.ASCII
        ),
        check,
    )
    for form, check in _DOCUMENTS
)


def replace_document_numbers(text: str) -> str:
    """Replace national identity, tax and social insurance numbers."""
    for form, check in _DOCUMENT_FORMS:
        text = replace_if(check, form, NUMBER, text)
    return text
