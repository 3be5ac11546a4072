"""Invented reviews with personal data planted in them, and innocent texts that only look like personal data.

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

_OPENINGS: Final = (
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
    "US": ("(N##) N##-####", "N##-N##-####", "N##.N##.####", "N## N## ####", "1-N##-N##-####", "+1 N## N## ####",
           "N##N######", "1 (N##) N##-####", "N##/N##-####", "(N##)N##-####", "+1 (N##) N##-####", "N##-N##-#### ext. ##"),
    "US 7": ("N##-####", "N##.####", "N## ####"),
    "GB": ("07### ######", "+44 7### ######", "020 7### ####", "(0161) 4## ####", "01### ######", "07########9",
           "+44 (0)20 7### ####", "0044 7### ######", "07### ### ###"),
    "DE": ("0151 ########", "0171/#######", "030 #######", "(030) ######", "030/######", "+49 151 ########",
           "0049 30 #######", "089-#######", "0172 - #######", "+49 (0)170 #######", "0151-####-####", "040 ## ## ## ##",
           "06131 ######", "0176.########"),
    "FR": ("06 ## ## ## ##", "06.##.##.##.##", "06########", "01-##-##-##-##", "+33 6 ## ## ## ##", "0033 7########",
           "+33 (0)6 ## ## ## ##", "04/##/##/##/##", "07 ### ### ##"),
    "IN": ("M#### #####", "+91 M#### #####", "M#########", "0M#### #####", "+91-M#########", "M##-###-####", "022 2### ####",
           "91 M#########", "M####-#####", "080-2#######", "M### ### ###"),
    "BR": ("(11) 9####-####", "11 9####-####", "(21) 3###-####", "+55 11 9####-####", "11 9 #### ####", "(011) 9####-####",
           "119########", "9####-####", "(11)9####.####", "21 3### ####", "+55 (11) 9####-####"),
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
}  # fmt: skip
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
        (("visa", "4", 16, (4, 4, 4)), ("mastercard", "53", 16, (4, 4, 4)), ("amex", "37", 15, (4, 6)),
         ("maestro", "6304", 19, (4, 4, 4, 4)), ("discover", "6011", 16, (4, 4, 4)), ("diners", "36", 14, (4, 6)))
    )  # fmt: skip
    digits = prefix + _fill("#" * (length - 1 - len(prefix)), dice)
    digits += luhn.calc_check_digit(digits)
    separator = dice.choice([" ", "-", ".", "", "/", "_", " - ", "\u00a0", "  ", "·"])
    written = _groups(digits, sizes, separator)
    glued = dice.choice(["", "", "", "", "card", "Visa:", "no."])
    return f"{kind} {separator!r}", glued + written, (digits,)


_BBANS: Final = {
    "DE": "#" * 18, "GB": "AAAA" + "#" * 14, "FR": "#" * 10 + "A" + "#" * 12, "NL": "AAAA" + "#" * 10, "ES": "#" * 20,
    "IT": "A" + "#" * 22, "BE": "#" * 12, "PL": "#" * 24, "CH": "#" * 17, "AT": "#" * 16, "SE": "#" * 20, "IE": "AAAA" + "#" * 14,
    "PT": "#" * 21, "NO": "#" * 11, "DK": "#" * 14, "FI": "#" * 14,
}  # fmt: skip


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
    return dice.choice([f"{_groups(digits[:9], (3, 3), '.')}-{digits[9:]}", digits, f"{digits[:9]}-{digits[9:]}",
                        f"{_groups(digits[:9], (3, 3), ' ')} {digits[9:]}"])  # fmt: skip


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
    "NINO": lambda dice: dice.choice("ABCEGHJKLMNPRSTWXYZ") + dice.choice("ABCEGHJKLMNPRSTWXYZ") + dice.choice(
        [_fill("######", dice), _fill(" ## ## ## ", dice), _fill(" ######", dice), _fill("-##-##-##-", dice)]
    ) + dice.choice("ABCD"),
    "CPF": _cpf,
    "Aadhaar": _aadhaar,
    "DNI": _dni,
    "NIR": _nir,
    "Steuer-ID": _steuer_id,
    "personnummer": _personnummer,
    "SIN": _sin,
    "PAN": lambda dice: _fill("AAA", dice) + "P" + _fill("A####A", dice),
}  # fmt: skip
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
    handle = dice.choice([f"{first}_{last}", f"{first}{dice.randrange(100)}", f"{first}.{last}", f"the{first}", f"{last}x",
                          f"{first}_runs", f"_{first}_", f"{first.title()}{last.title()}", f"real{last}{dice.randrange(9)}"])  # fmt: skip
    form, written = dice.choice(
        (("@", f"@{handle}"), ("@", f"@{handle}"), ("@", f"@{handle}"), ("capitals", f"@{handle.upper()}"),
         ("wide @", f"＠{handle}"), ("brackets", f"(@{handle})"), ("colon", f"insta:@{handle}"), ("@ 's", f"@{handle}'s"))
    )  # fmt: skip
    return form, written, (handle,)


_PLACES: Final = (
    "{} ", "Contact: {}. ", "Please reach me: {} - I am waiting. ", "I gave them {} and heard nothing. ", "({}) ",
    "they still have {}, which worries me. ", "My details: {}! ", "ask for {} ", "\"{}\" is on file. ", "Details,{}. ",
)  # fmt: skip
_PHONE_PLACES: Final = (
    "Call me on {}. ", "my number is {} please ring. ", "Tel: {}. ", "{} ", "phone {} ", "Reach me ({}) today. ",
    "I called {} twice. ", "WhatsApp {}. ", "they never rang {} back. ", "text {}, thanks. ",
)  # fmt: skip
_HANDLE_PLACES: Final = (
    "Follow {} for more. ",
    "{} ",
    "Thanks to {} for the tip. ",
    "pictures on my page, {}. ",
    "DM me {}! ",
    "shout-out to {}, ",
)
_NAME_PLACES: Final = (
    "Regards, {}", "My name is {} and I waited a month. ", "{} here again. ", "I am {}. ", "They called me {} on the phone. ",
    "Signed, {}. ", "{} was not told. ", "- {}", "The parcel said {} but the address was wrong. ", "Yours, {}!",
    "the label read {}. ",
)  # fmt: skip


def _author(dice: random.Random) -> str:
    return " ".join(_person(dice))


def _review(item: str, places: tuple[str, ...], dice: random.Random) -> str:
    planted = dice.choice(places).format(item)
    text = f"{dice.choice(_OPENINGS)} {planted.strip()} {dice.choice(_CLOSINGS)}".strip()
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


# --- innocent texts ---------------------------------------------------------------------------------------------------

_INNOCENT_SHAPES: Final = (
    "Size {size} fits, size {size} is too long.", "I take {size}, {size} or {size} depending on the brand.",
    "Paid ${price} instead of ${price}, a fair deal.", "It cost {price} € plus {price} € for delivery.",
    "Rs {thousands} for this is too much, Rs {thousands} would do.", "£{price} down to £{price}, saved {percent}%.",
    "The Air Max {model} and the Pegasus {small} are my favourites.", "Style {style} in black, {style} in white.",
    "Article {style} runs small.", "#JustDoIt{year} is my motto. #{small}miles #run{year}", "1 2 3 4 5 6 7 8 9 10 stars out of 10.",
    "Count 10 9 8 7 6 5 4 3 2 1 and they are worn out.", "We walked {thousands} steps and {small} km.",
    "More than {million} pairs sold since {year}.", "Ordered on {date}, arrived on {date}.", "From {date} to {date} nobody answered.",
    "Opened {year}-{year}, closed since.", "The {year}/{short_year} season shirt is fine.", "Open from {time} to {time}, at {time} sharp.",
    "App version {version} crashes, {version} did not.", "Firmware v{ip_like} fixed it, v{ip_like} broke it again.",
    "It is version {ip_like} of the app.", "They won {score}, then lost {score} and drew {score}.", "Sets: 6-4, 3-6, 7-6 (7-{digit}).",
    "I run {small}x{small} m, then {small} x {hundreds} m.", "Sizes 36 37 38 39 40 41 42 43 44 are sold out.",
    "Available in 38-39-40-41-42-43 only.", "Sizes 6 7 8 9 10 11 12 left.", "US {small}.5 / EU {small} / UK {digit}.5",
    "Between {hundreds} and {thousands} people queued.", "The years 2018 2019 2020 were good for shoes.", "2018, 2019 and 2020 models compared.",
    "Weighs {hundreds} g, drop {digit} mm, stack {small}/{small} mm.", "{percent}% cotton, {percent}% polyester.", "W{small} L{small} jeans",
    "The New Balance {model} beats the {model}v{digit}.", "Room {hundreds}, floor {digit}, shop {small}.", "A 10/10 from me, not a 9/10!",
    "Call of Duty {year} on my break.", "Text size {small} is fine.", "1,000,000 times better, {thousands} times cheaper",
    "It lasted {small} months, {digit} weeks and {digit} days.", "I am @ home now and they fit.", "2 pairs @ ${price} each.",
    "Meet @ {time} in the shop.", "See nike.com or the shop at nike.com for sizes.", "I looked at adidas.com and at zalando.de too.",
    "Bought at Acme.com, shipped from acme.co.uk.", "Screen of {model}x{thousands} pixels.", "{thousands}mAh battery, {hundreds}W, {small}V.",
    "Order of magnitude: 10 100 1000 10000 100000.", "Distance 5k, 10k, 21.1k and 42.2k.", "Ratio {digit}:{digit}:{digit}, really.",
    "My pace is {digit}:{sixty} to {digit}:{sixty} per km.", "Chapter {digit}.{digit}.{digit} of the manual.", "Bluetooth 5.{digit}, USB 3.{digit}, IP67 and IPX8.",
    "M{digit} x {small} screws and a {digit}/16 drill.", "Dri-FIT ADV {model}, Zoom Fly {digit} and KD{small}.", "24/7 support, 365 days, 0 answers.",
    "For {digit}-{small} year olds.", "Between {hundreds}-{thousands} steps a day.", "{million} views, {million} likes.",
    "My 1st, 2nd, 3rd and {small}th pair.", "Lot {small}B, row {digit}C.", "Half size up: 8 8.5 9 9.5 10 10.5 11.", "Prices: 49.99 59.99 69.99 79.99.",
    "EU 42 2/3, US 9, JP 27.", "MK{digit} and Z{hundreds}, model A{thousands_plain}.", "The f@$t pace, what the h@ck.", "R&D, H&M, Q&A, 50/50.",
    "Cut by {percent}%-{percent}%, i.e. {hundreds}.{small} on average.", "Since {date} I have worn the {model}.", "Windows 10.0.19045.{hundreds} needed",
    "Just do it! Jordan 1, Jordan 4 and Air Jordan 11.", "Air Force 1 '07, Dunk Low, Blazer Mid '77.", "Delivery in 3-5 days, returns in {small} days.",
)  # fmt: skip


def _innocent_values(dice: random.Random) -> dict[str, str]:
    thousands = dice.randrange(1000, 99999)
    month, day, year = dice.randrange(1, 13), dice.randrange(1, 29), dice.randrange(2009, 2026)
    return {
        "size": dice.choice(["7", "8.5", "9 1/2", "42", "44.5", "XL", "10W", "38/40", "6-6.5", "36D"]),
        "price": dice.choice(["59.99", "120", "1,299.00", "1.299,00", "49,95", "7495", "12995", "1 299"]),
        "thousands": dice.choice([f"{thousands:,}", str(thousands), f"{thousands // 1000}.{thousands % 1000:03d}"]),
        "thousands_plain": str(dice.randrange(1000, 9999)),
        "million": dice.choice(["1,000,000", "2 500 000", "10000000", "12,500,000", "1.000.000", "3 million", "25 000 000"]),
        "percent": str(dice.randrange(1, 100)),
        "model": dice.choice(["90", "97", "270", "574", "720", "990", "1080", "2090", "860", "350"]),
        "style": dice.choice(["DN5357-100", "415445-101", "CT8012-100", "883936-U4G", "BQ6806-111", "N0003537-036", "GW2871"]),
        "year": str(year),
        "short_year": f"{(year + 1) % 100:02d}",
        "date": dice.choice([f"{year}-{month:02d}-{day:02d}", f"{day:02d}/{month:02d}/{year}", f"{day}.{month}.{year}",
                             f"{month}/{day}/{year % 100:02d}", f"{day:02d}-{month:02d}-{year}", f"{year}{month:02d}{day:02d}",
                             f"{day} {month} {year}"]),
        "time": dice.choice(["9:04", "09:30", "17:45:10", "8am", "10.30", "7:15 pm", "00:00"]),
        "version": dice.choice(["3.5", "10.2.1", "5.0.2", "2.13.0", "14.4", "1.0.0-beta.2", "2023.11.2"]),
        "ip_like": ".".join(str(dice.randrange(0, 30)) for _ in range(4)),
        "score": dice.choice(["3-0", "2:1", "21-19", "101-99", "7-6", "110:108"]),
        "digit": str(dice.randrange(1, 10)),
        "small": str(dice.randrange(10, 60)),
        "sixty": f"{dice.randrange(60):02d}",
        "hundreds": str(dice.randrange(100, 1000)),
    }  # fmt: skip


class _Dealt(dict[str, str]):
    """Values that differ at every use of the same slot."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice

    def __getitem__(self, key: str) -> str:
        return _innocent_values(self.dice)[key]


_INNOCENT_AUTHORS: Final = ("Jordan Hale", "Max Power", "Max", "Jordan", "Chuck Taylor", "Nike Fan", "Amazon Customer",
                            "Grace Hill", "Mark", "Reviewer 12", "Will Young", "A Google user", "Summer", "May Brown", "")  # fmt: skip


def innocent_reviews(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield (author, text) of texts in which nothing may be replaced."""
    dice = random.Random(seed)
    for _ in range(count):
        text = dice.choice(_INNOCENT_SHAPES).format_map(_Dealt(dice))
        yield dice.choice(_INNOCENT_AUTHORS), f"{dice.choice(_OPENINGS)} {text}".strip()
