"""What things are praised for, by what they are: a zip runs smoothly, a reply is friendly, a colour is rich."""

from __future__ import annotations

from typing import Final, NamedTuple

from brandmlm.checking.english.clauses import Tokens, head_of, linking_verb, noun_phrase, subject
from brandmlm.checking.english.forms import lemma, lemmas


class Subject(NamedTuple):
    """Nouns in the singular for things of one kind, and praise for them: first what fits most of them.

    People who serve are praised for that, whatever fault is found with them. `deeds` are what things of the kind
    do well.
    """

    nouns: frozenset[str]
    praise: tuple[str, ...]
    people: bool = False
    deeds: tuple[str, ...] = ()


def _subject(nouns: str, praise: str, people: bool = False, deeds: str = "") -> Subject:
    done = tuple(deed.replace("_", " ") for deed in deeds.split())
    return Subject(frozenset(nouns.split()), tuple(praise.split()), people, done)


SUBJECTS: Final = (
    _subject(
        """
        team staff crew folk people person colleague expert adviser advisor fitter clerk assistant desk service helpline
        hotline helpdesk agent driver courier warehouse welcome advice guidance answer reply response chat apology bot
        owner manager coach
        """,
        """
        helpful friendly great attentive reliable careful quick dedicated expert diligent skilled
        experienced excellent thorough brilliant knowledgeable responsive free
        """,
        people=True,
        deeds="help listen care deliver support",
    ),
    _subject(
        "refund delivery shipping dispatch exchange return repair turnaround voucher "
        "discount compensation payment checkout process",
        """
        quick easy free simple prompt fast reliable great convenient generous smooth swift speedy effortless
        full hassle-free dependable punctual
        """,
    ),
    _subject(
        "price cost fee rate deal offer pricing charge tariff saving",
        """
        great low fair good friendly fantastic reasonable affordable generous honest attractive
        """,
    ),
    _subject(
        "email e-mail newsletter update message reason tip idea news story guide catalogue blog post video",
        """
        great helpful useful exciting brilliant friendly simple fresh wonderful timely easy quick thoughtful
        good lovely inspiring
        """,
    ),
    _subject(
        "app site website checkout menu search tool account form instruction manual setup guide system interface",
        """
        simple smart easy handy clever fast smooth intuitive quick great friendly clear
        """,
        deeds="work help inspire guide support deliver",
    ),
    _subject(
        "range collection drop line release launch edition season catalogue selection assortment arrival choice",
        """
        new bold fresh exciting stylish full brilliant cosy stunning great beautiful exclusive versatile
        latest clean sharp vibrant inspired
        """,
    ),
    _subject(
        "shop store branch area room showroom cafe café changing-room space studio floor counter",
        """
        welcoming bright friendly great spacious helpful knowledgeable skilled expert dedicated modern quiet
        calm relaxed experienced spectacular stunning bold
        """,
    ),
    _subject(
        "zip zipper buckle button clasp clip drawstring lace snap fastener hook hinge latch lid wheel toggle "
        "cord velcro "
        "closure lacing handle lock trigger",
        """
        strong sturdy smooth secure reliable durable robust easy effortless good dependable quick handy
        """,
        deeds="glide work hold run_smoothly perform last",
    ),
    _subject(
        "strap belt harness base frame stand spine binding leg bracket shell plate construction build chassis "
        "body case "
        "panel overlay",
        """
        durable strong sturdy light comfortable lightweight soft flexible smooth easy reliable secure
        responsive powerful springy robust padded sleek
        """,
    ),
    _subject(
        "fabric knit cotton wool mesh polyester fibre fiber yarn nylon elastane cloth material textile lining fleece "
        "leather suede denim linen terry felt skin touch handle upper towel blanket",
        """
        soft comfortable light smooth supple cosy warm breathable silky gentle flexible plush snug great
        airy cool sleek dry
        """,
    ),
    _subject(
        "paper page card cover sheet notebook notepad diary journal planner envelope",
        """
        smooth crisp useful handy great simple sturdy thick durable elegant premium lovely
        """,
    ),
    _subject(
        "pen nib pencil ink ballpoint marker brush highlighter refill",
        """
        smooth reliable elegant precise rich crisp fine
        """,
    ),
    _subject(
        "sole midsole insole foam cushioning cushion outsole heel footbed tread rubber pad mattress seat",
        """
        springy plush soft responsive reliable light supportive smooth durable grippy stable bouncy supple
        cushioned secure lively flexible good
        """,
        deeds="cushion respond rebound grip perform flex",
    ),
    _subject(
        "grip traction stability support protection performance ambition effort quality power suction",
        """
        excellent superb reliable strong great outstanding impressive secure exceptional dependable firm
        steady solid improved confident brilliant
        """,
    ),
    _subject(
        "stitching stitch seam print hem finish edge detail logo workmanship craftsmanship embroidery tailoring trim",
        """
        neat precise clean strong fine careful beautiful perfect smooth flawless refined durable polished
        crisp stylish great premium tidy
        """,
    ),
    _subject(
        "colour color shade tone hue stripe pattern palette tint print brown green blue red grey black white "
        "pink yellow "
        "orange purple navy colourway",
        """
        bright bold fresh vivid vibrant rich beautiful new warm crisp striking stylish deep clean sharp
        lively brilliant sleek
        """,
        deeds="shine last glow pop stay_bright inspire",
    ),
    _subject(
        "bag backpack rucksack duffel holdall pocket pouch tote suitcase wallet purse box drawer satchel "
        "briefcase compartment",
        """
        roomy practical sturdy handy spacious generous great versatile light smart clever comfortable neat
        soft new reliable compact fantastic
        """,
        deeds="hold perform protect deliver shine stay_put",
    ),
    _subject(
        "hoodie fleece sweater sweatshirt jumper cardigan jogger tracksuit scarf glove beanie blanket robe slipper "
        "sock warmth lining",
        """
        soft cosy warm plush comfortable snug smooth great stylish light generous relaxed comfy supple
        superb reliable durable
        """,
    ),
    _subject(
        "jacket coat parka windbreaker windrunner gilet anorak umbrella raincoat poncho hood tent",
        """
        light sleek packable versatile protective comfortable reliable smart dependable warm lightweight
        stylish sturdy practical flexible adjustable great snug
        """,
        deeds="protect perform stay_dry move shine",
    ),
    _subject(
        "legging tight short waistband collar cuff sleeve bra vest elastic band brief underwear trouser pant",
        """
        comfortable soft smooth supportive light snug flexible sleek stretchy secure breathable great cool
        flattering neat gentle stylish reliable
        """,
    ),
    _subject(
        "shirt tee t-shirt polo jersey top dress skirt blouse outfit kit uniform",
        """
        smart stylish fresh great crisp soft sleek sharp comfortable versatile elegant polished good bright
        classic light gorgeous bold
        """,
    ),
    _subject(
        "shoe sneaker boot sandal trainer runner spike slide cleat footwear pair",
        """
        light comfortable great soft fast cushioned smooth supportive sleek reliable new bold durable
        brilliant good versatile fresh fine
        """,
        deeds="shine fly perform excel glide deliver",
    ),
    _subject(
        "layer basic essential garment clothing clothes wear apparel piece gear sportswear",
        """
        soft comfortable fresh light breathable warm stylish smart snug cosy lightweight stretchy great
        everyday versatile airy sleek bright
        """,
    ),
    _subject(
        "cap hat visor headband",
        """
        stylish sleek comfortable smart light soft sharp popular versatile neat
        """,
    ),
    _subject(
        "cut silhouette curve shape outline profile style look brim form fit take design redesign crown",
        """
        sleek fresh modern stylish classic bold clean timeless elegant sharp great comfortable smooth cool
        light breathable sturdy good
        """,
    ),
    _subject(
        "ride stride run step transition landing feel motion movement start",
        """
        smooth light springy fast comfortable great soft responsive bouncy good quick lively stable
        cushioned strong easy effortless plush
        """,
    ),
    _subject(
        "foot feet toe ankle leg hand",
        """
        comfortable dry happy cool fresh warm light supported
        """,
    ),
    _subject(
        "comfort",
        """
        plush light soft pure easy cosy complete effortless lasting
        """,
    ),
    _subject(
        "swoosh symbol brand name icon history heritage company",
        """
        bold timeless great famous iconic stylish modern proud strong powerful legendary classic lasting
        beloved true trusted original
        """,
    ),
    _subject(
        "coffee tea espresso crema brew cup roast drink flavour flavor taste aroma juice milk",
        """
        rich smooth fresh delicious perfect hot balanced aromatic
        """,
    ),
    _subject(
        "machine engine motor device gadget grinder kettle blender vacuum battery charger fan printer phone speaker "
        "screen display keyboard",
        """
        reliable quiet powerful easy fast smart sleek compact durable simple
        """,
    ),
    _subject(
        "guarantee warranty promise policy",
        """
        simple complete easy generous full clear solid honest
        """,
    ),
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


def kind_of_doer(tokens: Tokens, place: int) -> Subject | None:
    """The kind of thing that does what a verb says."""
    before = subject(tokens, place)
    words = [head_of(before), *(token.lower for token in reversed(before))]
    return next((kind for word in words if (kind := _kind_of(word))), None)


def is_service(noun: str) -> bool:
    """Whether a noun is of people who serve, or of what a firm does for customers."""
    kind = _kind_of(noun)
    return kind is not None and (kind.people or kind in SUBJECTS[1:6])


def _is_noun(word: str) -> bool:
    return "NOUN" in lemmas(word) and "ADJ" not in lemmas(word)


def _kind_of(word: str) -> Subject | None:
    forms = {word, lemma(word, "NOUN") or word, word.removesuffix("s")}
    return next((kind for kind in SUBJECTS if not forms.isdisjoint(kind.nouns)), None)
