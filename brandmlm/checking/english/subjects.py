"""What things are praised for, by what they are: a zip runs smoothly, a reply is friendly, a colour is rich."""

from __future__ import annotations

from typing import Final, NamedTuple

from brandmlm.checking.english.clauses import Tokens, head_of, linking_verb, noun_phrase, subject
from brandmlm.checking.english.forms import lemma, lemmas


class Subject(NamedTuple):
    """Nouns in the singular for things of one kind, and praise for them: first what fits most of them.

    People who serve are praised for that, whatever fault is found with them.
    """

    nouns: frozenset[str]
    praise: tuple[str, ...]
    people: bool = False


def _subject(nouns: str, praise: str, people: bool = False) -> Subject:
    return Subject(frozenset(nouns.split()), tuple(praise.split()), people)


SUBJECTS: Final = (
    _subject(
        """
        team staff crew folk people person colleague expert adviser advisor fitter clerk assistant desk service helpline
        hotline helpdesk agent driver courier warehouse welcome advice guidance answer reply response chat apology bot
        owner manager coach
        """,
        "friendly helpful careful quick brilliant attentive excellent patient warm thorough great kind",
        people=True,
    ),
    _subject(
        "refund delivery shipping dispatch exchange return repair turnaround voucher "
        "discount compensation payment checkout process",
        "quick prompt swift easy simple full fast generous smooth reliable free speedy",
    ),
    _subject(
        "price cost fee rate deal offer pricing charge tariff saving",
        "fair great low affordable generous good reasonable honest attractive",
    ),
    _subject(
        "email e-mail newsletter update message reason tip idea news story guide catalogue blog post video",
        "great helpful fresh exciting brilliant friendly good useful lovely inspiring",
    ),
    _subject(
        "app site website checkout menu search tool account form instruction manual setup guide system interface",
        "easy simple quick smart handy clear clever fast smooth intuitive friendly",
    ),
    _subject(
        "range collection drop line release launch edition season catalogue selection assortment arrival choice",
        "new latest fresh exciting bold full exclusive stylish versatile popular",
    ),
    _subject(
        "shop store branch area room showroom cafe café changing-room space studio floor counter",
        "bright welcoming calm friendly relaxed spacious lively modern quiet",
    ),
    _subject(
        "zip zipper buckle button clasp clip drawstring lace snap fastener hook hinge latch lid wheel toggle "
        "cord velcro"
        "closure lacing handle lock trigger",
        "secure smooth strong sturdy reliable easy durable quick handy robust",
    ),
    _subject(
        "strap belt harness base frame stand spine binding leg bracket shell plate construction build chassis "
        "body case"
        "panel overlay",
        "sturdy strong comfortable secure light durable robust solid padded stable reliable",
    ),
    _subject(
        "fabric knit cotton wool mesh polyester fibre fiber yarn nylon elastane cloth material textile lining fleece "
        "leather suede denim linen terry felt skin touch handle upper towel blanket",
        "soft smooth light silky supple gentle breathable comfortable flexible plush stretchy durable",
    ),
    _subject(
        "paper page card cover sheet notebook notepad diary journal planner envelope",
        "smooth crisp thick durable elegant premium sturdy lovely",
    ),
    _subject(
        "pen nib pencil ink ballpoint marker brush highlighter refill",
        "smooth reliable elegant precise rich crisp fine",
    ),
    _subject(
        "sole midsole insole foam cushioning cushion outsole heel footbed tread rubber pad mattress seat",
        "springy responsive light soft supple cushioned plush smooth bouncy lively flexible durable",
    ),
    _subject(
        "grip traction stability support protection performance ambition effort quality power suction",
        "superb reliable excellent strong great outstanding confident impressive brilliant secure",
    ),
    _subject(
        "stitching stitch seam print hem finish edge detail logo workmanship craftsmanship embroidery tailoring trim",
        "neat precise perfect flawless strong fine crisp careful beautiful secure smooth",
    ),
    _subject(
        "colour color shade tone hue stripe pattern palette tint print brown green blue red grey black white "
        "pink yellow"
        "orange purple navy colourway",
        "rich bright bold vibrant beautiful fresh vivid warm crisp striking perfect deep",
    ),
    _subject(
        "bag backpack rucksack duffel holdall pocket pouch tote suitcase wallet purse box drawer satchel "
        "briefcase compartment",
        "roomy handy practical sturdy smart clever versatile light neat sleek reliable",
    ),
    _subject(
        "hoodie fleece sweater sweatshirt jumper cardigan jogger tracksuit scarf glove beanie blanket robe slipper "
        "sock warmth lining",
        "cosy soft comfortable warm snug plush stylish durable light generous",
    ),
    _subject(
        "jacket coat parka windbreaker windrunner gilet anorak umbrella raincoat poncho hood tent",
        "light protective versatile reliable warm packable smart waterproof comfortable sleek dependable",
    ),
    _subject(
        "legging tight short waistband collar cuff sleeve bra vest elastic band brief underwear trouser pant",
        "comfortable flexible soft stretchy smooth supportive flattering snug light sleek breathable",
    ),
    _subject(
        "shirt tee t-shirt polo jersey top dress skirt blouse outfit kit uniform",
        "smart fresh crisp stylish comfortable soft light breathable sleek sharp",
    ),
    _subject(
        "shoe sneaker boot sandal trainer runner spike slide cleat footwear pair",
        "light comfortable fast fresh sleek springy bold cushioned durable responsive supportive",
    ),
    _subject(
        "layer basic essential garment clothing clothes wear apparel piece gear sportswear",
        "soft light comfortable versatile fresh stylish breathable warm everyday",
    ),
    _subject("cap hat visor headband", "comfortable stylish sleek smart light sharp soft versatile neat"),
    _subject(
        "cut silhouette curve shape outline profile style look brim form fit take design redesign crown",
        "sleek elegant modern clean timeless bold smooth classic fresh graceful comfortable",
    ),
    _subject(
        "ride stride run step transition landing feel motion movement start",
        "smooth light springy fast comfortable fluid natural effortless responsive lively",
    ),
    _subject("foot feet toe ankle leg hand", "comfortable warm dry happy cool fresh light supported"),
    _subject("comfort", "light soft plush pure easy cosy lasting complete effortless"),
    _subject(
        "swoosh symbol brand name icon history heritage company",
        "bold iconic famous proud trusted strong original",
    ),
    _subject(
        "coffee tea espresso crema brew cup roast drink flavour flavor taste aroma juice milk",
        "rich smooth fresh delicious perfect hot balanced aromatic",
    ),
    _subject(
        "machine engine motor device gadget grinder kettle blender vacuum battery charger fan printer phone speaker "
        "screen display keyboard",
        "reliable quiet powerful easy fast smart sleek compact durable simple",
    ),
    _subject("guarantee warranty promise policy", "simple generous full clear complete easy solid honest"),
)


def kind_at(tokens: Tokens, place: int) -> Subject | None:
    """The kind of thing of which an adjective is said; of things near by, if that cannot be told."""
    phrase = noun_phrase(tokens, place)
    words = [token.lower for token in reversed(phrase)]
    if not phrase and (verb := linking_verb(tokens, place)) is not None:
        before = subject(tokens, verb)
        words = [head_of(before), *(token.lower for token in reversed(before))]
    if kind := next((kind for word in words if (kind := _kind_of(word))), None):
        return kind
    near = sorted(range(len(tokens)), key=lambda i: abs(i - place))
    kinds = (_kind_of(tokens[i].lower) for i in near if i != place and _is_noun(tokens[i].lower))
    return next((kind for kind in kinds if kind and not kind.people), None)


def _is_noun(word: str) -> bool:
    return "NOUN" in lemmas(word) and "ADJ" not in lemmas(word)


def _kind_of(word: str) -> Subject | None:
    forms = {word, lemma(word, "NOUN") or word, word.removesuffix("s")}
    return next((kind for kind in SUBJECTS if not forms.isdisjoint(kind.nouns)), None)
