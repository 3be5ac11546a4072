"""Words that judge a product, a service or a firm: what they find fault with, and their contraries, for any brand.

VADER's lexicon was rated on social media: it has anger and war, but few of the words by which people fault a product
("flimsy", "saggy"). The words are kept by what they judge, as a thesaurus has them, so that a proposal can be the
contrary of what was said. After Dixon ("Where have all the adjectives gone?", 1982), those of physical property are
apart, too: they are a fault where they are said of the product itself ("the zip is stiff"), not where they tell of
which kind something is ("a stiff carbon plate").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from brandmlm.checking.english import adjectives, wider
from brandmlm.checking.english.fields import Field, field, ordered, phrases, words

_VERBS: Final = {
    "wear": field(
        """
        die  gape bleed bobble break buckle burn bust collapse corrode crack crease crimp crinkle crumble
        crumple decay deflate deform degrade delaminate deteriorate disintegrate fade fail flop fog fray fuzz
        jam loosen malfunction melt peel perish pill puncture rip rot rust sag scar scorch scratch scuff
        shatter shed shred shrink shrivel slacken smear smudge snag sour splinter split spoil stain stall
        stiffen tangle tarnish tear underdeliver underperform unravel unstitch warp weaken wilt wrinkle yellow lack
        crash
        """,
        """
        last shine endure perform hold flex deliver hold_up excel stretch adapt keep_its_shape stay_put survive impress
        stay_fresh look_new stay_smooth hold_firm work thrive glow protect
        """,
    ),
    "skin": field(
        """
        ache bite bruise chafe choke constrain constrict cramp   gouge grate hurt irritate itch nip numb
        pinch poke prickle pucker restrict rub scrape smother squash squeeze stab stifle sting strangle
        suffocate throttle torment torture wince
""",
        """
        support cushion protect hug flex cradle stretch breathe comfort hold secure flatter adapt grip cool soothe
        """,
        "flex feel_soft fit_well support breathe stretch sit_comfortably cushion feel_great feel_smooth adapt protect",
    ),
    "grip": field(
        """
        gape cling bulge bump bunch droop flap gape lag limp lurch misfit rattle skid slip slop slouch stumble
        sway teeter trip unsettle wobble
""",
        """
        stay_put stretch flex hold_firm perform breathe hold grip stay_up adapt support fit excel deliver shine
        stay_flat stay_in_place move stay protect
        """,
    ),
    "wet": field(
        """
        drench drip leak overheat seep soak  swelter
""",
        "perform protect excel stay_dry shine hold_up work deliver keep_you_dry endure last",
    ),
    "smell": field(
        """
        pong reek smell stink
""",
        "breathe stay_fresh perform last shine smell_fresh cool endure deliver feel_fresh work impress glow",
    ),
    "sound": field(
        """
        clatter clunk creak rattle screech squeak squeal squelch wheeze whine
""",
        "flex glide adapt flow move stay_quiet float move_freely respond soar cushion perform",
    ),
    "body": field(
        """
        bore burden drain encumber endanger exhaust fatigue hamper hinder hobble impair impede injure plod
        slow strain struggle suffer sulk threaten tire trudge weary
""",
        "support refresh revive restore help power energise soothe comfort lift carry protect relax",
        "glide shine fly soar flex excel deliver perform respond flow float move",
    ),
    "lose": field(
        """
        fail falter fizzle flop lag lose quit stumble
""",
        "win shine run fly excel deliver perform play move soar impress train score",
    ),
    "feeling": field(
        """
        aggravate alienate annoy appal baffle betray bewilder bother confuse cringe deceive demoralise
        demoralize depress disappoint discourage disgust dismay displease distract distress disturb dupe
        embarrass enrage exasperate frustrate horrify humiliate infuriate insult irk mislead nag offend
        overwhelm puzzle repel repulse sadden scare sicken trouble underwhelm upset vex worry
        """,
        "delight inspire impress thrill support motivate encourage excite please amaze charm help",
        "shine impress excel deliver delight perform inspire thrill win",
    ),
    "dislike": field(
        "hate loathe detest despise dislike regret resent dread abhor",
        "love adore enjoy treasure cherish appreciate thank",
    ),
    "people": field(
        "exploit poison abuse underpay oppress mistreat harm endanger bully betray patronise discriminate neglect",
        "support inspire help serve empower celebrate champion respect strengthen encourage",
    ),
    "service": field(
        """
        blunder botch bungle cheat fob fumble ignore mishandle misread mistreat neglect obstruct
        overcharge overpromise scam shortchange skimp spam swindle mislay misplace lose delay bungle botch muddle
""",
        "handle process complete support help prioritise protect deliver perfect arrange answer confirm track serve",
        "help listen deliver care support shine excel respond",
    ),
    "spoil": field(
        """
        cheapen clash compromise cripple damage dampen deaden distort hamstring harm mangle mar misshape ruin
        sabotage spoil stagnate sully taint uglify undermine waste worsen wreck
""",
        "improve enhance lift refine perfect refresh protect",
    ),
}
_NOUNS: Final = {
    "body": field(
        """
        ache aches agony anguish blister blisters chafing cramp cramps discomfort fatigue harm hurt irritation
        itch itchiness itching nausea pain pains pang pangs rash rashes rubbing sickness soreness 
        strain stress struggle suffering sweatiness torment torture weariness
""",
        "comfort support joy speed power freedom relief cushioning ease pleasure energy confidence",
    ),
    "mood": field(
        """
        chore aggravation annoyance boredom bother burden cringe disappointment disgrace disgust
        dissatisfaction distress dread drudgery embarrassment exasperation frustration gloom grief horror
        humiliation insult let-down letdown misery monotony nightmare ordeal pity regret regrets sadness shame
        slog sorrow tedium tragedy woe woes worries worry yawn
""",
        "joy thrill comfort pleasure freedom confidence delight excitement fun",
    ),
    "trouble": field(
        """
        chaos clutter complication complications compromise confusion disruption drag drawback drawbacks fuss
        hassle hassles headache headaches hindrance inconvenience liability limitation menace mess nuisance
        peril pitfall pitfalls setback setbacks snag snags trouble troubles turmoil
""",
        "comfort speed ease energy support power style simplicity convenience value joy spring",
    ),
    "fault": field(
        """
        abomination blemish blemishes blunder bore bulk bulkiness calamity catastrophe corrosion creases
        damage decay defect defects deficiency deterioration disaster joke con dud eyesore failure failures farce fault
        faults fiasco flaw flaws flimsiness flop garbage glitch glitches incompetence inferiority  junk
        lemon limpness lumps mediocrity mildew misfit mishap mistake mistakes mould nonsense puffiness rip-off
        ripoff rot rubbish scam scandal shambles shoddiness shortcoming shortcomings sloppiness tatters trash
        travesty ugliness unpleasantness waste weakness weaknesses wobble wreck wrinkles
""",
        "quality style strength comfort performance brilliance excellence value success classic winner",
    ),
    "service": field(
        """
        arrogance carelessness ignorance indifference laziness neglect negligence rudeness
""",
        "care support attention quality kindness expertise",
    ),
    "smell": field(
        """
        grime odor odors odour odours   squeak squeaks
""",
        "freshness comfort quality charm scent",
    ),
}
# Of physical property: of a product itself a fault, elsewhere often a fact ("heavy rain", "a stiff plate").
PHYSICAL_ADJECTIVES: Final = words(
    """
    airless basic chilly chunky dense cold damp distressed draggy faded freezing heavy inelastic late leathery
    lengthy limited loose loud oily rigid rough rubbery slow springless sticky stiff taut thin tight 
    transparent unyielding wet wiry wooden worn  harsh 
"""
)
# Verb and particle, or a set phrase: a fault where its words are none; by the field of its contraries.
PHRASES: Final = {
    "wear": phrases(
        "fall apart, fall to pieces, fall off, come apart, come loose, come undone, come unstuck, come "
        "unstitched, come off, go flat, go limp, go wrong, go baggy, go bobbly, go stale, go soggy, wear out, "
        "wear thin, wear off, wear through, break down, break apart, break off, break easily, give out, give way, "
        "pack up, pack in, wash out, burn out, rub off, stretch out, stretch out of shape, lose shape, lose their "
        "shape, lose its shape, lose grip, lose their grip, lose its grip, lose colour, lose their bounce, lose "
        "its bounce, lose bounce, lose stretch, lose warmth, lose tread, lose cushioning, lose support, lose power, "
        "lose charge, lose elasticity, stop working, bottom out, give up, wear down, pull apart, pull loose, "
        "work loose, "
        "hang off, hang limp, age badly, age poorly, date fast, date badly, turn to mush, bleed into, bleed onto, "
        "rub away, split open, split apart, burst open, snap off, peel off, peel away, flake off, catch fire, "
        "run out of steam, sag at, bag out, fall flat, fall short, let down, let you down, miss the mark"
    ),
    "skin": phrases(
        "dig into, dig in, cut into, cut in, rub raw, rub you raw, give you blisters, rub against, poke into, "
        "press into, bite into, cut off, trap heat, trap sweat, trap moisture, hold sweat, leave marks, leave "
        "red marks, "
        "stick to your skin, cling to your skin, poke out, dig at"
    ),
    "grip": phrases(
        "bunch up, ride up, ride down, roll down, slide down, slide off, slide around, slip down, slip off, slip "
        "around, fall down, move around, flap about, flop about, slop about"
    ),
    "wet": phrases(
        "let in water, let water in, let in the rain, let the rain in, let in rain, soak through, soak up rain, "
        "let wind in, let in wind, let cold in, let in cold, let in snow, let the wind in, let the cold in, "
        "take on water, hold water, fill with water"
    ),
    "body": phrases(
        "weigh down, weigh you down, drag down, drag you down, hold back, hold you back, slow down, slow you "
        "down, tire out, tire you out, trip up, trip you up, wear you out, wear you down, drain you, tire you"
    ),
    "feeling": phrases(
        "put off, put you off, leave you cold, rub you the wrong way, rub you up the wrong way, let everyone down, "
        "get on your nerves, drive you mad, drive you crazy, drive you up the wall, turn you off, put people off, "
        "make you cringe"
    ),
    "service": phrases(
        "cut corners, rip off, rip you off, fob off, run late, mess up, mess about, screw up, miss the point, "
        "drag on, pass the buck, keep you waiting, keep you guessing, leave you waiting, leave you hanging, "
        "leave you stranded, leave you guessing, take forever, take ages, take an age, cost the earth, cost a fortune, "
        "cost a bomb, cost an arm, break the bank, burn a hole"
    ),
}
# Phrases that are said of something as an adjective is.
ADJECTIVE_PHRASES: Final = {
    "age": phrases("out of date, out of style, out of fashion, past their best, past its best, behind the times"),
    "fit": phrases("out of shape"),
    "service": phrases("out of touch, couldn't care less, couldn't be bothered, not up to scratch"),
    "trust": phrases(
        "all over the place, all over the shop, up and down, hit and miss, hit or miss, neither here nor there"
    ),
    "ease": phrases(
        "hard to use, hard to clean, hard to put on, hard to take off, hard to wear, hard to open, hard to close, "
        "difficult to use"
    ),
    "price": phrases("not worth"),
}

# Praise for anything, where no contrary fits.
PRAISING_ADJECTIVES: Final = words(
    """
    adaptable adjustable advanced agile airy ample appealing aromatic attentive authentic award-winning
    balanced beautiful best better bold bouncy breathable breezy bright brilliant buttery calm capable careful
    caring chic classic clean clear clever cloud-like colorful colourful comfortable comfy compact complete
    confident considered consistent convenient cool cosy courteous cozy crisp cushioned cute delicate
    delicious delightful dependable detailed distinctive dry durable dynamic easy eco-friendly effective
    efficient effortless elegant enduring energetic ergonomic essential everyday excellent exceptional
    exciting exclusive experienced exquisite fabulous fair famous fantastic fast fearless featherlight fine
    firm fitted flat flattering flawless flexible fluid forgiving fragrant fresh friendly fun functional
    generous gentle genuine glorious good gorgeous graceful great grippy grounded handsome handy happy
    hard-wearing hardy healthy helpful high-quality honest iconic ideal immaculate impeccable impressive
    improved incredible innovative inspired inspiring instant intelligent intuitive invigorating inviting
    joyful keen kind knowledgeable latest legendary light lightweight limitless lively long-lasting lovely
    loyal luxurious luxury magnificent marvellous marvelous masterful mighty modern natural neat new nice
    nimble noble original outstanding packable padded patient perfect playful pleasant pleasing plush polished
    popular portable powerful practical precise premium professional prompt protective proud pure quick quiet
    radiant ready refined refreshed refreshing relaxed reliable remarkable resilient responsive rich right
    robust roomy rugged safe satisfying sculpted seamless secure sensational sharp shiny silent silky simple
    skilled sleek slim smart smooth snug soft solid soothing sophisticated spacious special speedy splendid
    springy stable stainless steady streamlined stretchy striking strong structured studio-ready stunning
    sturdy stylish superb superior supple supportive sure sustainable swift tailored tasteful tasty terrific
    thoughtful thrilling tidy timeless toasty top tough trendy true trusted trustworthy trusty ultimate
    unbeatable unforgettable unique unstoppable updated uplifting useful valuable versatile vibrant vivid warm
    washable waterproof weatherproof weightless welcoming well-fitting well-made winning wonderful worthwhile
    zippy
"""
)
# How things are made or move; how a service works. "Good" makes "well".
MANNERS: Final = ordered(
    "beautiful good perfect smooth comfortable reliable brilliant precise easy effortless secure neat careful gentle"
)
SERVING: Final = ordered("quick prompt easy swift happy glad efficient careful reliable secure friendly smooth")
# What is missed where there is none.
VIRTUES: Final = words(
    "support grip comfort cushioning protection warmth style value help traction stability bounce breathability room "
    "ventilation shape stretch power durability quality care charm personality"
)
# What a thing is likened to that is no praise ("like a brick"), and what is.
LIKENESSES: Final = words(
    "brick sack tent tank sauna furnace oven board plank sandpaper cardboard straitjacket wig rag sponge sieve anchor "
    "millstone chore clown punishment prison maze swamp bin toy costume nightmare dishcloth vice boulder tourniquet"
)
LIKENED: Final = ordered("dream glove cloud feather charm pro second_skin breeze treat hug magnet legend")
# What something is called that deserves praise, where it can be counted ("is a ...").
COUNTABLE: Final = ordered(
    "breeze pleasure joy winner treat delight dream classic success cinch bargain gem marvel triumph hit milestone"
)


def _widened(fields: dict[str, Field], more: Mapping[str, frozenset[str]]) -> dict[str, Field]:
    return {name: each._replace(faults=each.faults | more.get(name, frozenset())) for name, each in fields.items()}


ADJECTIVES: Final = _widened(adjectives.ADJECTIVES, wider.ADJECTIVES)
VERBS: Final = _widened(_VERBS, wider.VERBS)
NOUNS: Final = _widened(_NOUNS, wider.NOUNS)
FAULTY_ADJECTIVES: Final = frozenset[str]().union(*(each.faults for each in ADJECTIVES.values()))
FAULTY_VERBS: Final = frozenset[str]().union(*(each.faults for each in VERBS.values()))
FAULTY_NOUNS: Final = frozenset[str]().union(*(each.faults for each in NOUNS.values()))
