"""Words that judge a product, a service or a firm: what they find fault with, and their contraries, for any brand.

VADER's lexicon was rated on social media: it has anger and war, but few of the words by which people fault a product
("flimsy", "saggy"). The words are kept by what they judge, as a thesaurus has them, so that a proposal can be the
contrary of what was said. After Dixon ("Where have all the adjectives gone?", 1982), those of physical property are
apart, too: they are a fault where they are said of the product itself ("the zip is stiff"), not where they tell of
which kind something is ("a stiff carbon plate").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from brandmlm.checking.english import wider


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w'-]+", text))


def _ordered(text: str) -> tuple[str, ...]:
    return tuple(text.split())


class Field(NamedTuple):
    """Words of fault that judge the same property, and words of praise for it: first those that fit most things."""

    faults: frozenset[str]
    contraries: tuple[str, ...]


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


def _field(faults: str, contraries: str) -> Field:
    return Field(_words(faults), _ordered(contraries))


_ADJECTIVES: Final = {
    "weight": _field(
        """
        bloated blocky bulbous bulging bulky burdensome chunky cloggy clunky cumbersome dense draggy heavy
        hefty hulking leaden lumbering overstuffed plodding ponderous swollen unwieldy weighty
""",
        """
        light lightweight airy sleek streamlined supple springy effortless nimble slim agile smooth cushioned
        compact packable responsive weightless comfortable flexible featherlight smart snug
        """,
    ),
    "strength": _field(
        """
        blistered breakable brittle chipped corroded cracked crumbling crumbly deflated dilapidated feeble
        flimsy fragile frail frayed fraying insubstantial melted peeling perishable puny ragged raggedy
        ramshackle rickety ripped scorched scratched shedding short-lived shriveled shrivelled snagged
        splintered splitting tattered tearing threadbare torn underbuilt unsound weak wilted
""",
        """
        sturdy strong durable reliable tough dependable resilient solid robust rugged trusty protective
        reinforced versatile long-lasting
        """,
    ),
    "quality": _field(
        """
        amateur amateurish bogus botched botchy bungled cheap cheapish counterfeit crap crappy crummy
        cut-price defective deficient deteriorating disappointing dodgy dud fake faulty flawed half-baked
        half-hearted haphazard ill-conceived ill-made imperfect imprecise inadequate inferior insufficient
        janky junky lacking lackluster lacklustre lame low-grade low-quality low-rent mangy manky meager
        meagre mediocre middling naff paltry patchy pathetic phoney phony plasticky poor poor-quality ratty
        ropey ropy rough-and-ready rubbish rubbishy run-of-the-mill scrappy second-best second-rate shoddy
        slapdash slipshod sloppy sub-par sub-standard subpar substandard tatty third-rate tinny trashy two-bit
        underdone understuffed underwhelming unfinished unpolished unrefined unsatisfactory unsatisfying
        unworthy
""",
        """
        superb great brilliant excellent reliable perfect strong premium neat polished durable flawless fine
        smart sturdy precise careful impeccable trusted
        """,
    ),
    "texture": _field(
        """
        abrasive bobbly bristly bumpy chafed chafing coarse crinkly crusty gritty  harsh irritating
        itching itchy knobbly knotted knotty leathery lumpy pilled pilling pilly prickly rigid rough rubbery
        rubbing scratchy sharp-edged spiky starchy sticky stringy uneven unyielding wiry
""",
        """
        smooth soft silky gentle plush supple comfortable light flexible fine seamless cosy luxurious
        breathable sleek warm stretchy
        """,
    ),
    "stiffness": _field(
        """
        confining constricting constrictive inelastic inflexible pinched pinching restricting restrictive
        rigid springless stiff stiffening stifling strained strangled suffocating taut tight unforgiving
        unyielding wooden
""",
        "flexible soft smooth comfortable supportive supple easy snug gentle stretchy relaxed secure adaptable",
    ),
    "fit": _field(
        """
        asymmetrical baggy bent boxy bunched clingy crooked deformed distorted    
         gaping gappy ill-fitting ill-shaped ill-suited   loose lopsided malformed misaligned
        mismatched misshaped misshapen overlong oversized sagging saggy scanty shapeless shrunken skimpy 
        slouchy squashed twisted undersized unfitted unflattering ungainly unshapely warped wonky
""",
        """
        flattering sleek comfortable smooth neat snug clean soft structured sculpted tailored balanced
        elegant supportive fitted generous stretchy streamlined
        """,
    ),
    "firmness": _field(
        "drooping droopy flabby flaccid floppy limp limping mushy slack slushy spongy squidgy squishy",
        "firm responsive springy strong supportive structured sturdy lively bouncy plush smooth",
    ),
    "damage": _field(
        "broken busted damaged mangled marred ruined spoiled spoilt wrecked",
        "ready improved updated refined refreshed perfect new strong sturdy reliable polished",
    ),
    "space": _field(
        """
        airless chaotic claustrophobic cluttered cramped disordered disorganised disorganized jumbled messy
        pokey poky tangled
""",
        """
        roomy neat spacious tidy generous comfortable calm practical organised fresh smart compact bright
        relaxed welcoming
        """,
    ),
    "colour": _field(
        """
        blah bland bleak blotchy blurry cheerless colorless colourless dingy dirty discolored discoloured drab
        dreary dull faded fading filthy garish gaudy glaring gloomy greasy grim grimy grotty grubby lifeless
        lurid moldy mouldy mucky  murky oily pale soiled splodgy splotchy spotty stained tainted
        tarnished unclean unhygienic unsanitary unwashed washed-out yellowed yellowing
""",
        """
        bright fresh crisp stylish vibrant bold vivid beautiful rich sharp striking warm smart sleek clean
        lively soft lovely colourful pristine gorgeous handsome smooth brilliant
        """,
    ),
    "looks": _field(
        """
        absurd artless bedraggled charmless cheap-looking cheesy cheugy chintzy clownish comical corny creased
        cringeworthy crinkled crude crumpled disheveled dishevelled dorky dowdy dumpy embarrassing frivolous
        frumpy fugly gawky ghastly gimmicky graceless grotesque grungy hideous homely inelegant juvenile
        kitschy laughable ludicrous matted nerdy odd pretentious puckered repulsive ridiculous risible
        run-down rundown sad-looking scruffy scuffed shabby shaggy silly sordid sorry-looking  
        squalid styleless tacky tasteless tawdry tired-looking trite ugly unappealing unattractive unbecoming
        undignified unfashionable uninviting unkempt unlovely unseemly unsightly unsophisticated unstylish
        untidy vulgar weird wrinkled wrinkly
        uncool
        """,
        """
        sleek smart stylish elegant sharp fresh crisp great bold neat polished modern good comfortable
        beautiful refined tidy graceful chic flattering
        """,
    ),
    "age": _field(
        """
        aged antiquated backward dated decrepit dusty fusty hackneyed jaded moth-eaten musty obsolete
        old-fashioned old-hat out-of-date outdated outmoded perished prehistoric primitive rusty stale tired
        weather-beaten worn worn-out
""",
        "modern fresh new timeless bold classic sleek iconic latest smart contemporary easy popular",
    ),
    "dull": _field(
        """
        ho-hum so-so meh uninvolving aimless banal  boring derivative dull emotionless endless flavorless
        flavourless forgettable humdrum humourless insipid joyless lazy  mind-numbing mindless
        monotonous mundane nondescript pedestrian prosaic repetitive samey senseless shallow simplistic
        soporific soulless spiritless stagnant staid sterile stilted stodgy stolid stuffy superficial tedious
        tiresome toneless turgid uneventful unexciting unimaginative unimpressive uninspired uninspiring
        uninteresting unmemorable unoriginal unremarkable vacuous vapid wearisome weary wimpy
""",
        """
        bold fresh brilliant exciting iconic lively unforgettable fun beautiful stylish timeless smart
        vibrant thrilling memorable inspired lovely great
        """,
    ),
    "speed": _field(
        """
        delayed draggy lagging laggy  lengthy lethargic long-winded  overdue plodding slow
        slow-moving slow-witted sluggish  tardy underpowered unresponsive
""",
        "quick fast responsive swift lively smooth prompt speedy effortless light agile",
    ),
    "stability": _field(
        """
        faltering hobbling insecure precarious shaky skiddy slippery slippy tippy treacherous unbalanced
        unstable unsteady wobbly
""",
        """
        stable secure steady grippy balanced reliable firm supportive grounded solid strong sure confident
        dependable
        """,
    ),
    "breath": _field(
        """
        stuffy clammy damp dank greasy moist muggy overheated saturated slimy soaked soggy steamy sweaty
        sweltering unbreathable unventilated watery wet
""",
        "cool fresh comfortable dry light breathable airy soft breezy smooth warm gentle silky ventilated",
    ),
    "smell": _field(
        """
        fetid foul malodorous odorous putrid rancid rank reeking smelly stinky
""",
        "fresh clean crisp pleasant cool new",
    ),
    "warmth": _field(
        """
        chilly cold drafty draughty freezing frigid icy leaking leaky porous see-through thin transparent
""",
        """
        warm dry cosy snug waterproof comfortable protective toasty dependable reliable weatherproof
        watertight insulated soft thick tough
        """,
    ),
    "pain": _field(
        """
        achy agonising agonizing arduous crippling dangerous draining enervating excruciating exhausting
        fatiguing grueling gruelling harmful hazardous hurtful insufferable intolerable noxious numbing
        painful perilous poisonous punishing sickly strained strenuous stressful tense tiring torturous toxic
        unbearable uncomfortable uncomfy unhealthy unsafe
""",
        """
        comfortable soft supportive gentle light cushioned plush smooth soothing wonderful easy safe
        effortless snug cool
        """,
    ),
    "ease": _field(
        """
        aggravating annoying awkward baffling bothersome choppy clumsy complicated confused confusing
        contrived convoluted cryptic difficult disjointed disorienting distracting exasperating fiddly finicky
        flat-footed frustrating fussy hard-to-use illegible illogical impractical inaccessible incoherent
        incompatible incomprehensible inconvenient infuriating intrusive invasive irksome jagged jerky
        laborious muddled niggling obscure obstructive obtuse overcomplicated overengineered overwrought
        perplexing pesky problematic tangly temperamental thankless troubled troublesome trying unclear
        unhelpful unnecessary unreadable unusable unwearable unworkable vexing tedious tiresome
        impossible
        """,
        """
        easy simple quick smooth effortless handy clever practical smart intuitive straightforward seamless
        neat reliable
        """,
    ),
    "trust": _field(
        """
         buggy   disposable doomed dysfunctional erratic expendable fallible fishy flaky
        futile glitchy haphazardly hit-and-miss hit-or-miss hopeless impotent inaccurate inappropriate
        incapable incomplete inconsistent incorrect ineffective ineffectual inefficient irrelevant
        malfunctioning   meaningless nonfunctional pointless purposeless redundant 
        superfluous suspect suspicious undependable unfit unproven unreliable unsuitable untrustworthy useless
        worthless  wrong
""",
        """
        reliable dependable brilliant trusted helpful useful practical great smart clever trusty durable
        thoughtful
        """,
    ),
    "price": _field(
        """
        costly excessive exorbitant expensive extortionate overblown overhyped overpriced overrated oversold
        pricey pricy steep stingy tight-fisted wasteful
""",
        """
        affordable great everyday popular essential versatile fair generous comfortable stylish new exclusive reliable
        practical premium timeless
        """,
    ),
    "service": _field(
        """
        angry arrogant blundering brash brutish bumbling careless cavalier clueless clumsy cold-hearted
        complacent condescending crabby crass curt deceitful deceptive demeaning dim-witted disagreeable
        dishonest dismissive disrespectful dumb evasive foolish fumbling greedy grumpy hapless hasty heartless
        hostile idiotic ignorant ill-advised ill-judged immature impersonal impolite inattentive incompetent
        inconsiderate indifferent inept inexperienced inhospitable insensitive insincere insulting
        irresponsible irritable loud-mouthed mean-spirited merciless misguided misleading  neglectful
        negligent nervous offensive offhand overbearing patronising patronizing petty pushy reckless rude
        shameful sleazy sneaky snobby snooty spineless stupid sullen surly thoughtless timid tone-deaf unaware
        uncaring uncertain unconvincing uncooperative uncouth unfair unfriendly ungenerous uninformed
        unprepared unprofessional unreasonable unskilled unsociable unsupportive unsure unsympathetic
        untrained unwelcoming unwilling vague whiny
""",
        """
        helpful friendly attentive excellent quick careful knowledgeable superb brilliant patient skilled
        thoughtful experienced warm fair prompt courteous thorough kind
        """,
    ),
    "sound": _field(
        """
        clattering creaky deafening grating jarring loud noisy piercing rattling rattly raucous screechy
        shrill squeaking squeaky
""",
        "quiet smooth silent soft light gentle supple solid comfortable",
    ),
    "taste": _field(
        """
        bitter burnt charred gluggy inedible lukewarm overcooked overextracted sludgy sour tepid unappetising
        unappetizing undercooked unpalatable unsavory unsavoury watered-down watery
""",
        "smooth rich fresh delicious hot perfect",
    ),
    "general": _field(
        """
        abysmal alarming appalling atrocious awful bad barren calamitous catastrophic chilling creepy degraded
        demoralising demoralizing deplorable depressing desperate detestable diabolical dire disastrous
        discouraging disgraceful disgusting dismal displeasing distasteful distressing disturbing doubtful
        dreadful dubious forlorn frightful gross hateful horrendous horrible horrid horrific humiliating icky
        lamentable loathsome lousy measly menacing miserable monstrous nagging nasty nauseating nauseous
        neglected nonsensical obnoxious odious off-putting ominous oppressive pitiable pitiful regrettable
        repellent reprehensible repugnant revolting risky rotten sad scandalous scary shambolic sickening
        sorry terrible terrifying tragic traumatic unacceptable undesirable unhappy unlikeable unnerving
        unpleasant unpopular unsettling unwanted unwelcome upsetting vile woeful worrying worse worst wretched
        yucky
""",
        """
        great brilliant comfortable smart reliable wonderful superb lovely versatile stylish sleek fresh
        light fantastic
        """,
    ),
    # What some words of the fields above say more exactly.
    "fame": _field(
        "forgettable nondescript unmemorable unremarkable",
        "iconic unforgettable memorable special remarkable timeless legendary",
    ),
    "care": _field("botched bungled haphazard slapdash slipshod sloppy", "careful precise perfect neat clever"),
    "tightness": _field("leaking leaky porous", "waterproof dry watertight reliable durable"),
}
_VERBS: Final = {
    "wear": _field(
        """
        die  gape bleed bobble break buckle burn bust collapse corrode crack crease crimp crinkle crumble
        crumple decay deflate deform degrade delaminate deteriorate disintegrate fade fail flop fog fray fuzz
        jam loosen malfunction melt peel perish pill puncture rip rot rust sag scar scorch scratch scuff
        shatter shed shred shrink shrivel slacken smear smudge snag sour splinter split spoil stain stall
        stiffen tangle tarnish tear underdeliver underperform unravel unstitch warp weaken wilt wrinkle yellow lack
        crash
        """,
        "last endure hold shine excel perform survive flex stretch deliver thrive work glow adapt impress",
    ),
    "skin": _field(
        """
        ache bite bruise chafe choke constrain constrict cramp   gouge grate hurt irritate itch nip numb
        pinch poke prickle pucker restrict rub scrape smother squash squeeze stab stifle sting strangle
        suffocate throttle torment torture wince
""",
        """
        support cushion breathe protect stretch flex comfort hug hold grip soothe cool adapt cradle give
        flatter glide
        """,
    ),
    "grip": _field(
        """
        gape cling bulge bump bunch droop flap gape lag limp lurch misfit rattle skid slip slop slouch stumble
        sway teeter trip unsettle wobble
""",
        """
        hold flex stretch perform grip stay move glide breathe adapt support fit stick protect work excel
        shine
        """,
    ),
    "wet": _field(
        """
        drench drip leak overheat seep soak  swelter
""",
        "protect hold perform work excel shine endure breathe last dry deliver",
    ),
    "smell": _field(
        """
        pong reek smell stink
""",
        "last breathe perform refresh shine cool work excel endure thrive deliver glow",
    ),
    "sound": _field(
        """
        clatter clunk creak rattle screech squeak squeal squelch wheeze whine
""",
        "glide float flow move shine perform dance work hum whisper soar",
    ),
    "body": _field(
        """
        bore burden drain encumber endanger exhaust fatigue hamper hinder hobble impair impede injure plod
        slow strain struggle suffer sulk threaten tire trudge weary
""",
        "support refresh revive restore help power energise soothe comfort lift carry move relax",
    ),
    "lose": _field(
        """
        fail falter fizzle flop lag lose quit stumble
""",
        "run win achieve go push fly move reach soar shine play enjoy race do",
    ),
    "feeling": _field(
        """
        aggravate alienate annoy appal baffle betray bewilder bother confuse cringe deceive demoralise
        demoralize depress disappoint discourage disgust dismay displease distract distress disturb dupe
        embarrass enrage exasperate frustrate horrify humiliate infuriate insult irk mislead nag offend
        overwhelm puzzle repel repulse sadden scare sicken trouble underwhelm upset vex worry hate loathe
        detest despise dislike
        """,
        "delight inspire impress thrill excite please amaze charm",
    ),
    "service": _field(
        """
        blunder botch bungle cheat fob fumble ignore mishandle misread mistreat neglect obstruct
        overcharge overpromise scam shortchange skimp spam swindle
""",
        "help support deliver serve care welcome",
    ),
    "spoil": _field(
        """
        cheapen clash compromise cripple damage dampen deaden distort hamstring harm mangle mar misshape ruin
        sabotage spoil stagnate sully taint uglify undermine waste worsen wreck
""",
        "improve enhance lift refine perfect refresh protect",
    ),
}
_NOUNS: Final = {
    "body": _field(
        """
        ache aches agony anguish blister blisters chafing cramp cramps discomfort fatigue harm hurt irritation
        itch itchiness itching nausea pain pains pang pangs rash rashes rubbing sickness soreness 
        strain stress struggle suffering sweatiness torment torture weariness
""",
        "comfort support joy speed power freedom relief cushioning ease pleasure energy confidence",
    ),
    "mood": _field(
        """
        chore aggravation annoyance boredom bother burden cringe disappointment disgrace disgust
        dissatisfaction distress dread drudgery embarrassment exasperation frustration gloom grief horror
        humiliation insult let-down letdown misery monotony nightmare ordeal pity regret regrets sadness shame
        slog sorrow tedium tragedy woe woes worries worry yawn
""",
        "joy thrill comfort pleasure freedom confidence delight excitement fun",
    ),
    "trouble": _field(
        """
        chaos clutter complication complications compromise confusion disruption drag drawback drawbacks fuss
        hassle hassles headache headaches hindrance inconvenience liability limitation menace mess nuisance
        peril pitfall pitfalls setback setbacks snag snags trouble troubles turmoil
""",
        "comfort speed ease energy support power style simplicity convenience value joy spring",
    ),
    "fault": _field(
        """
        abomination blemish blemishes blunder bore bulk bulkiness calamity catastrophe corrosion creases
        damage decay defect defects deficiency deterioration disaster dud eyesore failure failures farce fault
        faults fiasco flaw flaws flimsiness flop garbage glitch glitches incompetence inferiority  junk
        lemon limpness lumps mediocrity mildew misfit mishap mistake mistakes mould nonsense puffiness rip-off
        ripoff rot rubbish scam scandal shambles shoddiness shortcoming shortcomings sloppiness tatters trash
        travesty ugliness unpleasantness waste weakness weaknesses wobble wreck wrinkles
""",
        "quality style strength comfort performance brilliance excellence value success classic winner",
    ),
    "service": _field(
        """
        arrogance carelessness ignorance indifference laziness neglect negligence rudeness
""",
        "care support attention quality kindness expertise",
    ),
    "smell": _field(
        """
        grime odor odors odour odours   squeak squeaks
""",
        "freshness comfort quality charm scent",
    ),
}
# Of physical property: of a product itself a fault, elsewhere often a fact ("heavy rain", "a stiff plate").
PHYSICAL_ADJECTIVES: Final = _words(
    """
    airless basic chilly chunky dense cold damp distressed draggy faded freezing heavy inelastic late leathery
    lengthy limited loose loud oily rigid rough rubbery slow springless sticky stiff taut thin tight 
    transparent unyielding wet wiry wooden worn  harsh 
"""
)
# Verb and particle, or a set phrase: a fault where its words are none; by the field of its contraries.
PHRASES: Final = {
    "wear": _phrases(
        "fall apart, fall to pieces, fall off, come apart, come loose, come undone, come unstuck, come "
        "unstitched, come off, go flat, go limp, go wrong, go baggy, go bobbly, go stale, go soggy, wear out, "
        "wear thin, wear off, wear through, break down, break apart, break off, break easily, give out, give way, "
        "pack up, pack in, wash out, burn out, rub off, stretch out, stretch out of shape, lose shape, lose their "
        "shape, lose its shape, lose grip, lose their grip, lose its grip, lose colour, lose their bounce, lose "
        "its bounce, split open, split apart, burst open, snap off, peel off, peel away, flake off, catch fire, "
        "run out of steam, sag at, bag out, fall flat, fall short, let down, let you down, miss the mark"
    ),
    "skin": _phrases(
        "dig into, dig in, cut into, cut in, rub raw, rub you raw, give you blisters, rub against, poke into, "
        "press into, bite into"
    ),
    "grip": _phrases(
        "bunch up, ride up, ride down, roll down, slide down, slide off, slide around, slip down, slip off, slip "
        "around, fall down, move around, flap about, flop about, slop about"
    ),
    "wet": _phrases(
        "let in water, let water in, let in the rain, let the rain in, let in rain, soak through, soak up rain"
    ),
    "body": _phrases(
        "weigh down, weigh you down, drag down, drag you down, hold back, hold you back, slow down, slow you "
        "down, tire out, tire you out, trip up, trip you up, wear you out, wear you down"
    ),
    "feeling": _phrases(
        "put off, put you off, leave you cold, rub you the wrong way, rub you up the wrong way, let everyone down"
    ),
    "service": _phrases(
        "cut corners, rip off, rip you off, fob off, run late, mess up, mess about, screw up, miss the point"
    ),
}
# Phrases that are said of something as an adjective is.
ADJECTIVE_PHRASES: Final = {
    "age": _phrases("out of date, out of style, out of fashion, past their best, past its best, behind the times"),
    "fit": _phrases("out of shape"),
    "service": _phrases("out of touch"),
    "ease": _phrases(
        "hard to use, hard to clean, hard to put on, hard to take off, hard to wear, hard to open, hard to close, "
        "difficult to use"
    ),
    "price": _phrases("not worth"),
}

# Praise for anything, where no contrary fits.
PRAISING_ADJECTIVES: Final = _words(
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
# How things are made or done well.
MANNERS: Final = _ordered(
    "careful beautiful perfect precise thoughtful smooth comfortable easy quick proud brilliant neat clever"
)


def _widened(fields: dict[str, Field], more: Mapping[str, frozenset[str]]) -> dict[str, Field]:
    return {name: Field(field.faults | more.get(name, frozenset()), field.contraries) for name, field in fields.items()}


ADJECTIVES: Final = _widened(_ADJECTIVES, wider.ADJECTIVES)
VERBS: Final = _widened(_VERBS, wider.VERBS)
NOUNS: Final = _widened(_NOUNS, wider.NOUNS)
FAULTY_ADJECTIVES: Final = frozenset[str]().union(*(field.faults for field in ADJECTIVES.values()))
FAULTY_VERBS: Final = frozenset[str]().union(*(field.faults for field in VERBS.values()))
FAULTY_NOUNS: Final = frozenset[str]().union(*(field.faults for field in NOUNS.values()))
