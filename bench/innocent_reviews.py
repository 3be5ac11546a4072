"""Innocent texts that only look like personal data: sizes, prices, models, dates, versions, scores."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from bench.seeded_reviews import OPENINGS

_INNOCENT_SHAPES: Final = (
    "Size {size} fits, size {size} is too long.",
    "I take {size}, {size} or {size} depending on the brand.",
    "Paid ${price} instead of ${price}, a fair deal.",
    "It cost {price} € plus {price} € for delivery.",
    "Rs {thousands} for this is too much, Rs {thousands} would do.",
    "£{price} down to £{price}, saved {percent}%.",
    "The Air Max {model} and the Pegasus {small} are my favourites.",
    "Style {style} in black, {style} in white.",
    "Article {style} runs small.",
    "#JustDoIt{year} is my motto. #{small}miles #run{year}",
    "1 2 3 4 5 6 7 8 9 10 stars out of 10.",
    "Count 10 9 8 7 6 5 4 3 2 1 and they are worn out.",
    "We walked {thousands} steps and {small} km.",
    "More than {million} pairs sold since {year}.",
    "Ordered on {date}, arrived on {date}.",
    "From {date} to {date} nobody answered.",
    "Opened {year}-{year}, closed since.",
    "The {year}/{short_year} season shirt is fine.",
    "Open from {time} to {time}, at {time} sharp.",
    "App version {version} crashes, {version} did not.",
    "Firmware v{ip_like} fixed it, v{ip_like} broke it again.",
    "It is version {ip_like} of the app.",
    "They won {score}, then lost {score} and drew {score}.",
    "Sets: 6-4, 3-6, 7-6 (7-{digit}).",
    "I run {small}x{small} m, then {small} x {hundreds} m.",
    "Sizes 36 37 38 39 40 41 42 43 44 are sold out.",
    "Available in 38-39-40-41-42-43 only.",
    "Sizes 6 7 8 9 10 11 12 left.",
    "US {small}.5 / EU {small} / UK {digit}.5",
    "Between {hundreds} and {thousands} people queued.",
    "The years 2018 2019 2020 were good for shoes.",
    "2018, 2019 and 2020 models compared.",
    "Weighs {hundreds} g, drop {digit} mm, stack {small}/{small} mm.",
    "{percent}% cotton, {percent}% polyester.",
    "W{small} L{small} jeans",
    "The New Balance {model} beats the {model}v{digit}.",
    "Room {hundreds}, floor {digit}, shop {small}.",
    "A 10/10 from me, not a 9/10!",
    "Call of Duty {year} on my break.",
    "Text size {small} is fine.",
    "1,000,000 times better, {thousands} times cheaper",
    "It lasted {small} months, {digit} weeks and {digit} days.",
    "I am @ home now and they fit.",
    "2 pairs @ ${price} each.",
    "Meet @ {time} in the shop.",
    "See nike.com or the shop at nike.com for sizes.",
    "I looked at adidas.com and at zalando.de too.",
    "Bought at Acme.com, shipped from acme.co.uk.",
    "Screen of {model}x{thousands} pixels.",
    "{thousands}mAh battery, {hundreds}W, {small}V.",
    "Order of magnitude: 10 100 1000 10000 100000.",
    "Distance 5k, 10k, 21.1k and 42.2k.",
    "Ratio {digit}:{digit}:{digit}, really.",
    "My pace is {digit}:{sixty} to {digit}:{sixty} per km.",
    "Chapter {digit}.{digit}.{digit} of the manual.",
    "Bluetooth 5.{digit}, USB 3.{digit}, IP67 and IPX8.",
    "M{digit} x {small} screws and a {digit}/16 drill.",
    "Dri-FIT ADV {model}, Zoom Fly {digit} and KD{small}.",
    "24/7 support, 365 days, 0 answers.",
    "For {digit}-{small} year olds.",
    "Between {hundreds}-{thousands} steps a day.",
    "{million} views, {million} likes.",
    "My 1st, 2nd, 3rd and {small}th pair.",
    "Lot {small}B, row {digit}C.",
    "Half size up: 8 8.5 9 9.5 10 10.5 11.",
    "Prices: 49.99 59.99 69.99 79.99.",
    "EU 42 2/3, US 9, JP 27.",
    "MK{digit} and Z{hundreds}, model A{thousands_plain}.",
    "The f@$t pace, what the h@ck.",
    "R&D, H&M, Q&A, 50/50.",
    "Cut by {percent}%-{percent}%, i.e. {hundreds}.{small} on average.",
    "Since {date} I have worn the {model}.",
    "Windows 10.0.19045.{hundreds} needed",
    "Just do it! Jordan 1, Jordan 4 and Air Jordan 11.",
    "Air Force 1 '07, Dunk Low, Blazer Mid '77.",
    "Delivery in 3-5 days, returns in {small} days.",
)


def _innocent_values(dice: random.Random) -> dict[str, str]:
    thousands = dice.randrange(1000, 99999)
    month, day, year = dice.randrange(1, 13), dice.randrange(1, 29), dice.randrange(2009, 2026)
    return {
        "size": dice.choice(["7", "8.5", "9 1/2", "42", "44.5", "XL", "10W", "38/40", "6-6.5", "36D"]),
        "price": dice.choice(["59.99", "120", "1,299.00", "1.299,00", "49,95", "7495", "12995", "1 299"]),
        "thousands": dice.choice([f"{thousands:,}", str(thousands), f"{thousands // 1000}.{thousands % 1000:03d}"]),
        "thousands_plain": str(dice.randrange(1000, 9999)),
        "million": dice.choice(
            ["1,000,000", "2 500 000", "10000000", "12,500,000", "1.000.000", "3 million", "25 000 000"]
        ),
        "percent": str(dice.randrange(1, 100)),
        "model": dice.choice(["90", "97", "270", "574", "720", "990", "1080", "2090", "860", "350"]),
        "style": dice.choice(
            ["DN5357-100", "415445-101", "CT8012-100", "883936-U4G", "BQ6806-111", "N0003537-036", "GW2871"]
        ),
        "year": str(year),
        "short_year": f"{(year + 1) % 100:02d}",
        "date": dice.choice(
            [
                f"{year}-{month:02d}-{day:02d}",
                f"{day:02d}/{month:02d}/{year}",
                f"{day}.{month}.{year}",
                f"{month}/{day}/{year % 100:02d}",
                f"{day:02d}-{month:02d}-{year}",
                f"{year}{month:02d}{day:02d}",
                f"{day} {month} {year}",
            ]
        ),
        "time": dice.choice(["9:04", "09:30", "17:45:10", "8am", "10.30", "7:15 pm", "00:00"]),
        "version": dice.choice(["3.5", "10.2.1", "5.0.2", "2.13.0", "14.4", "1.0.0-beta.2", "2023.11.2"]),
        "ip_like": ".".join(str(dice.randrange(0, 30)) for _ in range(4)),
        "score": dice.choice(["3-0", "2:1", "21-19", "101-99", "7-6", "110:108"]),
        "digit": str(dice.randrange(1, 10)),
        "small": str(dice.randrange(10, 60)),
        "sixty": f"{dice.randrange(60):02d}",
        "hundreds": str(dice.randrange(100, 1000)),
    }


class _Dealt(dict[str, str]):
    """Values that differ at every use of the same slot."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice

    def __getitem__(self, key: str) -> str:
        return _innocent_values(self.dice)[key]


_INNOCENT_AUTHORS: Final = (
    "Jordan Hale",
    "Max Power",
    "Max",
    "Jordan",
    "Chuck Taylor",
    "Nike Fan",
    "Amazon Customer",
    "Grace Hill",
    "Mark",
    "Reviewer 12",
    "Will Young",
    "A Google user",
    "Summer",
    "May Brown",
    "",
)


def innocent_reviews(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield (author, text) of texts in which nothing may be replaced."""
    dice = random.Random(seed)
    for _ in range(count):
        text = dice.choice(_INNOCENT_SHAPES).format_map(_Dealt(dice))
        yield dice.choice(_INNOCENT_AUTHORS), f"{dice.choice(OPENINGS)} {text}".strip()
