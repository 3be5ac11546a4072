"""Invented reviews with personal data planted in them.

Everything follows from one seed. All people, addresses and numbers are invented; numbers that carry a check digit carry
a right one.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from stdnum import luhn, verhoeff
from stdnum.br import cpf
from stdnum.iso7064 import mod_11_10, mod_97_10


@dataclass(frozen=True)
class SeededReview:
    """A review with one planted item.

    Attributes:
        kind: of personal data, as the audit counts it.
        form: how the item is written, such as a country or a spelling.
        author: the reviewer's name, as a column of its own has it.
        text: the review.
        secrets: strings of which no trace may be left in the repaired text.
    """

    kind: str
    form: str
    author: str
    text: str
    secrets: tuple[str, ...]


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_FIRST: Final = _split(
    "Anneliese Bartholomew Camille Dagny Eleftheria Fenna Giuliana Henrik Ingrid Joaquín Katarzyna Léa Mateusz "
    "Noémie Oluwaseun Priyanka Quentin Rosalía Søren Tomás Ulrike Valentina Wendeline Xiomara Yannick Zbigniew "
    "Aoife Björn Chiara Deepak Émile Françoise Gustav Hélène Ivana Jürgen Kiran Lucía Marisol Nadia Óscar Padraig "
    "Rania Stefania Thibault Ursula Vikram Wiebke Yusuf Zoë Andrew Barbara Christopher Deborah Edward Frances "
    "Gregory Helen Isaac Jennifer Kevin Laura Michael Nancy Oliver Patricia Robert Susan Thomas Victoria Grace Mark "
    "Will "
)
_LAST: Final = _split(
    "Aldercott Brandvold Cavallaro Dąbrowski Eichendorff Fitzwarren Grønvold Harrowgate Iyengar Jónsdóttir "
    "Kowalczyk Lindqvist Moreau Núñez Okonkwo Pellegrini Quarshie Rasmussen Sørensen Thistlewood Uchida Villanueva "
    "Wojcik Xanthos Yilmaz Zimmermann Bhattacharya Castañeda Delacroix Eriksson Fernández Grünewald Hofstätter "
    "Ibarra Jankowska Keane Larsson Müller Nakamura O'Rourke Petrović Rossetti Schröder Tremblay Ueda Vasquez Weiß "
    "Yamada Ziegler Smith-Barlow van_Dijk de_la_Cruz "
)
_DOMAINS: Final = _split(
    "example.com example.org example.net mail.example.com gmail.com hotmail.co.uk yahoo.com outlook.com web.de "
    "gmx.net orange.fr libero.it uol.com.br rediffmail.com icloud.com proton.me shoemail.info kestrel-post.eu "
    "post.lakeside.ca "
)
_PROVIDERS: Final = _split("gmail.com hotmail.co.uk yahoo.com outlook.com web.de gmx.net icloud.com ")

OPENINGS: Final = (
    "The stitching came loose after a week.",
    "Soft, light and true to size!",
    "Support never answered, which is a shame.",
    "Very happy with the colour",
    "My son wears them to school every day.",
    "DISAPPOINTED AND STILL WAITING.",
    "Would buy again, the sole is springy",
    "Delivery took ages and the box was crushed...",
    "",
)
_CLOSINGS: Final = ("Thanks.", "Not impressed.", "Hope that helps someone!", "", "Otherwise a decent pair", "Cheers")

Item = tuple[str, str, tuple[str, ...]]  # form, as written, secrets


def _fill(shape: str, dice: random.Random) -> str:
    """Fill a shape: # is a digit, N one of 2 to 9, M one of 6 to 9, A a capital letter."""
    sets = {"#": "0123456789", "N": "23456789", "M": "6789", "A": "ABCDEFGHJKLMNPRSTWXYZ"}
    return "".join(dice.choice(sets[mark]) if mark in sets else mark for mark in shape)


def _groups(text: str, sizes: tuple[int, ...], separator: str) -> str:
    groups, start = [], 0
    for size in sizes:
        groups.append(text[start : start + size])
        start += size
    return separator.join(group for group in [*groups, text[start:]] if group)


def _fold(text: str) -> str:
    plain = text.replace("ø", "o").replace("Ø", "O").replace("ß", "ss").replace("ą", "a")
    return "".join(mark for mark in unicodedata.normalize("NFD", plain) if not unicodedata.combining(mark))


def _person(dice: random.Random) -> tuple[str, str]:
    return dice.choice(_FIRST), dice.choice(_LAST).replace("_", " ")


# --- planted items ----------------------------------------------------------------------------------------------------


def _email(dice: random.Random) -> Item:
    first, last = (_fold(part).casefold().replace("'", "").replace(" ", "") for part in _person(dice))
    separator = dice.choice([".", "_", "-", "", "+"])
    local = f"{first}{separator}{last}{dice.choice(['', '', str(dice.randrange(10, 99))])}"
    domain = dice.choice(_DOMAINS)
    spoken_local = local.replace(".", " dot ").replace("_", " underscore ")
    forms: dict[str, str] = {
        "plain": f"{local}@{domain}",
        "capitals": f"{local}@{domain}".upper(),
        "blanks": f"{local} @ {domain}",
        "blank before": f"{local} @{domain}",
        "blank after": f"{local}@ {domain}",
        "blanks around dots": f"{local} @ {domain.replace('.', ' . ')}",
        "blank after dot": f"{local}@{domain.replace('.', '. ', 1)}",
        "at dot": f"{local} at {domain.replace('.', ' dot ')}",
        "AT DOT": f"{local} AT {domain.replace('.', ' DOT ')}",
        "spoken": f"{spoken_local} at {domain.replace('.', ' dot ')}",
        "(at)": f"{local}(at){domain}",
        "[at] [dot]": f"{local} [at] {domain.replace('.', ' [dot] ')}",
        "{at}": f"{local}{{at}}{domain.replace('.', '{dot}')}",
        "(@)": f"{local}(@){domain}",
        "at provider": f"{local} at {dice.choice(_PROVIDERS)}",
        "mailto": f"mailto:{local}@{domain}",
        "wide": f"{local}＠{domain}",
        "entity": f"{local}&#64;{domain}",
        "brackets": f"<{local}@{domain}>",
        "underscore first": f"_{local}_@{domain}",
        "comma for dot": f"{local}@{domain.replace('.', ',')}",
        "zero width": f"{local}\u200b@\u200b{domain}",
    }
    form = dice.choice(sorted(forms))
    parts = local.translate(str.maketrans("+._-", "    ")).split()
    return form, forms[form], tuple(part for part in parts if len(part) > 2)


_PHONES: Final[dict[str, tuple[str, ...]]] = {
    "US": (
        "(N##) N##-####",
        "N##-N##-####",
        "N##.N##.####",
        "N## N## ####",
        "1-N##-N##-####",
        "+1 N## N## ####",
        "N##N######",
        "1 (N##) N##-####",
        "N##/N##-####",
        "(N##)N##-####",
        "+1 (N##) N##-####",
        "N##-N##-#### ext. ##",
    ),
    "US 7": ("N##-####", "N##.####", "N## ####"),
    "GB": (
        "07### ######",
        "+44 7### ######",
        "020 7### ####",
        "(0161) 4## ####",
        "01### ######",
        "07########9",
        "+44 (0)20 7### ####",
        "0044 7### ######",
        "07### ### ###",
    ),
    "DE": (
        "0151 ########",
        "0171/#######",
        "030 #######",
        "(030) ######",
        "030/######",
        "+49 151 ########",
        "0049 30 #######",
        "089-#######",
        "0172 - #######",
        "+49 (0)170 #######",
        "0151-####-####",
        "040 ## ## ## ##",
        "06131 ######",
        "0176.########",
    ),
    "FR": (
        "06 ## ## ## ##",
        "06.##.##.##.##",
        "06########",
        "01-##-##-##-##",
        "+33 6 ## ## ## ##",
        "0033 7########",
        "+33 (0)6 ## ## ## ##",
        "04/##/##/##/##",
        "07 ### ### ##",
    ),
    "IN": (
        "M#### #####",
        "+91 M#### #####",
        "M#########",
        "0M#### #####",
        "+91-M#########",
        "M##-###-####",
        "022 2### ####",
        "91 M#########",
        "M####-#####",
        "080-2#######",
        "M### ### ###",
    ),
    "BR": (
        "(11) 9####-####",
        "11 9####-####",
        "(21) 3###-####",
        "+55 11 9####-####",
        "11 9 #### ####",
        "(011) 9####-####",
        "119########",
        "9####-####",
        "(11)9####.####",
        "21 3### ####",
        "+55 (11) 9####-####",
    ),
    "ES": ("6## ## ## ##", "6## ### ###", "91 ### ## ##", "+34 6## ### ###", "6##-###-###", "6##.##.##.##"),
    "IT": ("3## #######", "02 #### ####", "+39 3## ### ####", "3##-#######", "06/#######"),
    "NL": ("06-########", "06 #### ####", "020-#######", "+31 6 ########", "(020) ### ## ##"),
    "AU": ("04## ### ###", "(02) 9### ####", "+61 4## ### ###", "02 9### ####", "1300 ### ###"),
    "SE": ("070-### ## ##", "08-### ### ##", "+46 70 ### ## ##"),
    "PL": ("5## ### ###", "22 ### ## ##", "+48 5## ### ###"),
    "JP": ("090-####-####", "03-####-####", "+81 90 #### ####"),
    "MX": ("55 #### ####", "(55) ####-####", "+52 55 #### ####"),
    "CH": ("079 ### ## ##", "+41 79 ### ## ##", "044 ### ## ##"),
    "IE": ("08# ### ####", "+353 8# ### ####", "01 ### ####"),
    "ZA": ("08# ### ####", "+27 8# ### ####"),
}
_PHONE_COUNTRIES: Final = (
    "US",
    "US",
    "US 7",
    "GB",
    "DE",
    "FR",
    "IN",
    "BR",
    "DE",
    "FR",
    "IN",
    "BR",
    *tuple(_PHONES)[7:],
)


def _phone(dice: random.Random) -> Item:
    country = dice.choice(_PHONE_COUNTRIES)
    number = _fill(dice.choice(_PHONES[country]), dice)
    return country, number, (number,)


def _card(dice: random.Random) -> Item:
    kind, prefix, length, sizes = dice.choice(
        (
            ("visa", "4", 16, (4, 4, 4)),
            ("mastercard", "53", 16, (4, 4, 4)),
            ("amex", "37", 15, (4, 6)),
            ("maestro", "6304", 19, (4, 4, 4, 4)),
            ("discover", "6011", 16, (4, 4, 4)),
            ("diners", "36", 14, (4, 6)),
        )
    )
    digits = prefix + _fill("#" * (length - 1 - len(prefix)), dice)
    digits += luhn.calc_check_digit(digits)
    separator = dice.choice([" ", "-", ".", "", "/", "_", " - ", "\u00a0", "  ", "·"])
    written = _groups(digits, sizes, separator)
    glued = dice.choice(["", "", "", "", "card", "Visa:", "no."])
    return f"{kind} {separator!r}", glued + written, (digits,)


_BBANS: Final = {
    "DE": "#" * 18,
    "GB": "AAAA" + "#" * 14,
    "FR": "#" * 10 + "A" + "#" * 12,
    "NL": "AAAA" + "#" * 10,
    "ES": "#" * 20,
    "IT": "A" + "#" * 22,
    "BE": "#" * 12,
    "PL": "#" * 24,
    "CH": "#" * 17,
    "AT": "#" * 16,
    "SE": "#" * 20,
    "IE": "AAAA" + "#" * 14,
    "PT": "#" * 21,
    "NO": "#" * 11,
    "DK": "#" * 14,
    "FI": "#" * 14,
}


def _iban(dice: random.Random) -> Item:
    country = dice.choice(sorted(_BBANS))
    bban = _fill(_BBANS[country], dice)
    number = country + mod_97_10.calc_check_digits(bban + country) + bban
    separator = dice.choice([" ", "", "-", ".", "\u00a0", " "])
    written = _groups(number, (4,) * 8, separator)
    if dice.random() < 0.2:
        written = written.lower()
    return country, dice.choice(["", "", "", "IBAN ", "IBAN:", "iban", "account"]) + written, (number[4:],)


def _cpf(dice: random.Random) -> str:
    digits = _fill("N########", dice)
    digits += cpf._calc_check_digits(digits)
    return dice.choice(
        [
            f"{_groups(digits[:9], (3, 3), '.')}-{digits[9:]}",
            digits,
            f"{digits[:9]}-{digits[9:]}",
            f"{_groups(digits[:9], (3, 3), ' ')} {digits[9:]}",
        ]
    )


def _aadhaar(dice: random.Random) -> str:
    digits = _fill("N##########", dice)
    digits += verhoeff.calc_check_digit(digits)
    return _groups(digits, (4, 4), dice.choice([" ", "-", "", ".", "\u00a0"]))


def _dni(dice: random.Random) -> str:
    digits = _fill("N#######", dice)
    letter = "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]
    return dice.choice([f"{digits}{letter}", f"{digits}-{letter}", f"{digits[:2]}.{digits[2:5]}.{digits[5:]}-{letter}"])


def _nir(dice: random.Random) -> str:
    number = f"{dice.choice('12')}{dice.randrange(40, 99)}{dice.randrange(1, 13):02d}{dice.randrange(1, 95):02d}"
    number += _fill("######", dice)
    key = f"{97 - int(number) % 97:02d}"
    return dice.choice([_groups(number, (1, 2, 2, 2, 3, 3), " ") + f" {key}", number + key, f"{number} {key}"])


def _steuer_id(dice: random.Random) -> str:
    ten = list("1234567890")
    dice.shuffle(ten)
    digits = "".join(ten)
    while digits[0] == "0":
        digits = digits[1:] + "0"
    digits = digits[:9] + digits[0]
    digits += mod_11_10.calc_check_digit(digits)
    return dice.choice([digits, _groups(digits, (2, 3, 3), " ")])


def _personnummer(dice: random.Random) -> str:
    digits = f"{dice.randrange(40, 99)}{dice.randrange(1, 13):02d}{dice.randrange(1, 29):02d}{dice.randrange(1000):03d}"
    digits += luhn.calc_check_digit(digits)
    return dice.choice([f"{digits[:6]}-{digits[6:]}", f"19{digits[:6]}-{digits[6:]}"])


def _sin(dice: random.Random) -> str:
    digits = _fill("N#######", dice)
    digits += luhn.calc_check_digit(digits)
    return _groups(digits, (3, 3), dice.choice([" ", "-", ""]))


_NATIONAL: Final[dict[str, Callable[[random.Random], str]]] = {
    "SSN": lambda dice: _fill(dice.choice(["N##-N#-####", "N## N# ####", "N##.N#.####", "N########"]), dice),
    "NINO": lambda dice: (
        dice.choice("ABCEGHJKLMNPRSTWXYZ")
        + dice.choice("ABCEGHJKLMNPRSTWXYZ")
        + dice.choice(
            [_fill("######", dice), _fill(" ## ## ## ", dice), _fill(" ######", dice), _fill("-##-##-##-", dice)]
        )
        + dice.choice("ABCD")
    ),
    "CPF": _cpf,
    "Aadhaar": _aadhaar,
    "DNI": _dni,
    "NIR": _nir,
    "Steuer-ID": _steuer_id,
    "personnummer": _personnummer,
    "SIN": _sin,
    "PAN": lambda dice: _fill("AAA", dice) + "P" + _fill("A####A", dice),
}
_NATIONAL_WEIGHTS: Final = ("SSN", "NINO", "CPF", "Aadhaar", *_NATIONAL)


def _national(dice: random.Random) -> Item:
    kind = dice.choice(_NATIONAL_WEIGHTS)
    written = _NATIONAL[kind](dice)
    if kind in ("NINO", "DNI") and dice.random() < 0.2:
        written = written.lower()
    label = dice.choice(["", "", f"{kind} ", f"{kind}: ", f"my {kind} is "])
    return kind, label + written, (written,)


def _ip(dice: random.Random) -> Item:
    octets = [str(dice.randrange(11, 255)), *(str(dice.randrange(0, 255)) for _ in range(3))]
    address = ".".join(octets)
    six = ":".join(f"{dice.randrange(1, 65535):x}" for _ in range(8))
    forms = {
        "v4": address,
        "port": f"{address}:{dice.randrange(1024, 65000)}",
        "range": f"{address}/24",
        "defanged": address.replace(".", "[.]"),
        "v6": six,
        "v6 short": "2001:db8::" + ":".join(six.split(":")[:3]),
        "brackets": f"[{address}]",
    }
    form = dice.choice(["v4", "v4", "v4", *sorted(forms)])
    secret = six if form == "v6" else ":".join(six.split(":")[:3]) if form == "v6 short" else address
    return form, dice.choice(["", "", "IP ", "IP: ", "from "]) + forms[form], (secret,)


def _handle(dice: random.Random) -> Item:
    first, last = (_fold(part).casefold().replace("'", "").replace(" ", "").replace("-", "") for part in _person(dice))
    handle = dice.choice(
        [
            f"{first}_{last}",
            f"{first}{dice.randrange(100)}",
            f"{first}.{last}",
            f"the{first}",
            f"{last}x",
            f"{first}_runs",
            f"_{first}_",
            f"{first.title()}{last.title()}",
            f"real{last}{dice.randrange(9)}",
        ]
    )
    form, written = dice.choice(
        (
            ("@", f"@{handle}"),
            ("@", f"@{handle}"),
            ("@", f"@{handle}"),
            ("capitals", f"@{handle.upper()}"),
            ("wide @", f"＠{handle}"),
            ("brackets", f"(@{handle})"),
            ("colon", f"insta:@{handle}"),
            ("@ 's", f"@{handle}'s"),
        )
    )
    return form, written, (handle,)


_PLACES: Final = (
    "{} ",
    "Contact: {}. ",
    "Please reach me: {} - I am waiting. ",
    "I gave them {} and heard nothing. ",
    "({}) ",
    "they still have {}, which worries me. ",
    "My details: {}! ",
    "ask for {} ",
    '"{}" is on file. ',
    "Details,{}. ",
)
_PHONE_PLACES: Final = (
    "Call me on {}. ",
    "my number is {} please ring. ",
    "Tel: {}. ",
    "{} ",
    "phone {} ",
    "Reach me ({}) today. ",
    "I called {} twice. ",
    "WhatsApp {}. ",
    "they never rang {} back. ",
    "text {}, thanks. ",
)
_HANDLE_PLACES: Final = (
    "Follow {} for more. ",
    "{} ",
    "Thanks to {} for the tip. ",
    "pictures on my page, {}. ",
    "DM me {}! ",
    "shout-out to {}, ",
)
_NAME_PLACES: Final = (
    "Regards, {}",
    "My name is {} and I waited a month. ",
    "{} here again. ",
    "I am {}. ",
    "They called me {} on the phone. ",
    "Signed, {}. ",
    "{} was not told. ",
    "- {}",
    "The parcel said {} but the address was wrong. ",
    "Yours, {}!",
    "the label read {}. ",
)


def _author(dice: random.Random) -> str:
    return " ".join(_person(dice))


def _review(item: str, places: tuple[str, ...], dice: random.Random) -> str:
    planted = dice.choice(places).format(item)
    text = f"{dice.choice(OPENINGS)} {planted.strip()} {dice.choice(_CLOSINGS)}".strip()
    return f"<p>{text}</p>" if dice.random() < 0.05 and "<" not in text else text


def _name_review(dice: random.Random) -> SeededReview:
    first, last = _person(dice)
    forms = {
        "exact": f"{first} {last}",
        "capitals": f"{first} {last}".upper(),
        "lower case": f"{first} {last}".lower(),
        "without accents": _fold(f"{first} {last}"),
        "last, first": f"{last}, {first}",
        "last first": f"{last} {first}",
        "first": first,
        "first in capitals": first.upper(),
        "first in lower case": first.lower(),
        "first and initial": f"{first} {last[0].upper()}.",
        "initial and last": f"{first[0]}. {last}",
        "umlauts spelt": f"{first} {last}".replace("ü", "ue").replace("ö", "oe").replace("ä", "ae").replace("ß", "ss"),
    }
    form = dice.choice(sorted(forms))
    secrets = [_fold(part).casefold() for part in (first, last)]
    kept = secrets[:1] if form.startswith("first") else secrets[1:] if form == "initial and last" else secrets
    if form == "umlauts spelt":
        kept = [*kept, *forms[form].casefold().split()]
    return SeededReview("name", form, f"{first} {last}", _review(forms[form], _NAME_PLACES, dice), tuple(kept))


_KINDS: Final[dict[str, tuple[Callable[[random.Random], Item], tuple[str, ...]]]] = {
    "e-mail": (_email, _PLACES),
    "phone": (_phone, _PHONE_PLACES),
    "card": (_card, _PLACES),
    "IBAN": (_iban, _PLACES),
    "national": (_national, _PLACES),
    "IP": (_ip, _PLACES),
    "handle": (_handle, _HANDLE_PLACES),
}
_WEIGHTS: Final = ("e-mail", "phone", "phone", "phone", "card", "IBAN", "national", "national", "IP", "handle", "name")


def seeded_reviews(count: int, seed: int) -> Iterator[SeededReview]:
    """Yield reviews with one planted item each."""
    dice = random.Random(seed)
    for _ in range(count):
        kind = dice.choice(_WEIGHTS)
        if kind == "name":
            yield _name_review(dice)
            continue
        plant, places = _KINDS[kind]
        form, written, secrets = plant(dice)
        yield SeededReview(kind, form, _author(dice), _review(written, places, dice), secrets)
