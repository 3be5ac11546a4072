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

# Words that the made-up names of accounts begin with ("Big Mike", "Happy Runner").
NICKNAME_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "a about after again all alone always an and angry annoyed another any anyone are athletic average avid "
        "awesome bad ball baseball basketball be beach beauty because best better big bike biker black blonde blue "
        "bored boss boy brand bro brother brown busy but buy by can captain car cat chef city classic coach cold "
        "college comfy concerned confused cool cozy crazy curious customer cute cyclist dad daddy dancer daughter day "
        "dear disappointed doc doctor dog dream driver ex family fan farmer fashion fast fat father fed feet female "
        "fit fitness fleet flying football for former free frequent friend frustrated fun funny furious future game "
        "gamer garden girl golf golfer good grand grandma grandpa great green grey grumpy guest gym half hard has "
        "have he healthy heavy hello her here hiker him his home honest hot house how hungry husband i if in is it "
        "jogger just kid kids kind king lady large last late lazy left less life like little living local lonely long "
        "lost loud low loyal lucky ma mad mama man marathon me mega mini missing mister mom momma mommy mother "
        "mountain mum mummy music my mystery name natural never new nice night no nobody not novice now nurse ocean "
        "of old older on one only orange our out over owner papa parent party pastor perfect picky pink plain player "
        "pleased poor pretty private professional proud puma purple quick quiet quite rainbow real really recent red "
        "regular retired right road rugby run runner running sad satisfied school senior sensible serious she shoe "
        "shoes short shy sick silent silly simple single sister skinny sleepy slim slow small smart smiling sneaker "
        "sneakers so soccer some someone son sore sport sports sporty spring strong student super surf sweet swimmer "
        "swimming tall teacher team tennis that the their them they thin this tiny tired to too top total trail "
        "trainer travel true two ugly uncle unhappily unhappy upset us very walking weekend wet what white who wide "
        "wife wild wise with woman work worker worried yellow yoga you young your",
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
