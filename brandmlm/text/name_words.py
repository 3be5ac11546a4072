"""Names that are words, and words that are no names."""

from __future__ import annotations

import re
from typing import Final

# First names that are English words, months or products: alone they are names only where the text introduces them.
WORDS_AS_NAMES: Final = frozenset(
    re.findall(
        r"\w+",
        "ace alexa amber angel april art august autumn baby basil bear bill blaze bliss brandy brook brooke buck "
        "buddy bunny candy carol chance charity chase cherry chip christian chuck clay cliff crystal daisy dale dawn "
        "dean destiny dick dolly dot drew duke earl earnest echo ernest eve faith felicity flora florence forest "
        "frank gale gene ginger glen goldie grace grant guy happy harmony harry hazel heath heather holly honey hope "
        "hunter iris ivy jack jade jasmine jay jean jersey jet jewel jolly jordan josh joy june justice kit kitty "
        "lacy lance lane lee lily link love lucky major mark mason matt max may melody mercy merry mia mike miles "
        "misty nick noble norm north olive opal pansy paris parker pat patience patty pearl peg penny pepper pierce "
        "poppy precious prince queen rain rand ray red reed rich river rob robin rock rod roman romeo rose rosemary "
        "ruby rusty sage sally sandy savannah scarlet serenity shade siri skip sky sonny stan star sterling stone "
        "storm stormy sue summer sunny taylor teddy tony trey trinity trip troy true van verity victor violet "
        "virginia wade walker ward warren will willow winter wren young zip",
    )
)

# Of these, the ones that people also capitalise in the middle of a sentence: months, places, products.
CAPITALISED_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "alexa april august autumn chuck dot echo florence georgia jack jersey jordan june link max may miles paris "
        "romeo savannah siri sky stan star summer true virginia winter",
    )
)

SURNAMES_AS_WORDS: Final = frozenset(
    re.findall(r"\w+", "best black blue brown cook gray green grey hill long price short white")
)

# Parts of surnames that are words of other languages.
PARTICLES: Final = frozenset(re.findall(r"\w+", "al bin da de del den der di do dos el la le van von y"))

# What author columns hold where a shop hides the name.
NO_NAMES: Final = frozenset(
    re.findall(
        r"\w+",
        "account amazon anonymous author buyer client consumer customer fan google guest kindle lover member nickname "
        "owner purchaser review reviewer shop shopper site store unknown user verified visitor",
    )
)

TITLES: Final = frozenset(re.findall(r"\w+", "dr frau herr madame miss mme monsieur mr mrs ms prof señor señora sir"))
