"""Domains that review texts name."""

from __future__ import annotations

from typing import Final

# Alternatives of a regular expression. Few on purpose: "great.so" is a sentence end that lost its blank, not a domain.
TOP_DOMAINS: Final = (
    "com|net|org|info|shop|store|app|co|uk|ie|us|ca|au|nz|in|de|fr|es|it|nl|be|eu|pl|se|dk|no|ch|at|io|ly|me"
)

# Only in addresses, where an @ or a spelled-out "dot" shows what is meant.
EMAIL_TOP_DOMAINS: Final = (
    f"{TOP_DOMAINS}|br|mx|ar|cl|pt|jp|cn|kr|za|ru|tr|fi|cz|gr|hu|ro|sg|ae|edu|gov|biz|online|site"
)

# First labels of domains where people have an e-mail address and shops have none.
EMAIL_PROVIDERS: Final = (
    "gmail|googlemail|gmai|hotmail|outlook|live|msn|yahoo|ymail|rocketmail|aol|icloud|mac|gmx|web|t-online|freenet|"
    "posteo|mailbox|protonmail|proton|orange|wanadoo|laposte|sfr|libero|virgilio|tiscali|uol|bol|terra|rediffmail|mail|"
    "yandex|inbox|rambler|qq|163|126|sina|naver|hanmail|comcast|verizon|sbcglobal|bellsouth|btinternet|virginmedia|"
    "talktalk|ntlworld|bigpond|optusnet|shaw|rogers|zoho|fastmail|hey|tutanota|ziggo|telenet|skynet|bluewin|telia"
)
