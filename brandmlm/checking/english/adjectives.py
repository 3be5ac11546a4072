"""Adjectives that find fault, by what they judge, and their contraries: those that writers accept most come first."""

from __future__ import annotations

from typing import Final

from brandmlm.checking.english.fields import field

ADJECTIVES: Final = {
    "weight": field(
        """
        bloated blocky bulbous bulging bulky burdensome chunky cloggy clunky cumbersome dense draggy heavy
        hefty hulking leaden lumbering overstuffed plodding ponderous swollen unwieldy weighty
""",
        """
        light smooth lightweight comfortable sleek soft great responsive quick airy fast springy effortless
        nimble agile cushioned plush lively stable packable flexible streamlined supple bouncy springier
        breathable
        """,
    ),
    "strength": field(
        """
        blistered breakable brittle chipped corroded cracked crumbling crumbly deflated dilapidated feeble
        flimsy fragile frail frayed fraying insubstantial melted peeling perishable puny ragged raggedy
        ramshackle rickety ripped scorched scratched shedding short-lived shriveled shrivelled snagged
        splintered splitting tattered tearing threadbare torn underbuilt unsound weak wilted
""",
        """
        sturdy strong durable tough reliable light comfortable soft solid robust reinforced dependable
        powerful great secure resilient versatile responsive springy flexible firm stable padded smooth
        grippy new
        """,
    ),
    "quality": field(
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
        great superb brilliant reliable strong clean stylish new premium fine smart excellent perfect good
        bold beautiful fresh neat durable precise careful sleek fantastic amazing polished light
        """,
    ),
    "texture": field(
        """
        abrasive bobbly bristly bumpy chafed chafing coarse crinkly crusty gritty  harsh irritating
        itching itchy knobbly knotted knotty leathery lumpy pilled pilling pilly prickly rigid rough rubbery
        rubbing scratchy sharp-edged spiky starchy sticky stringy uneven unyielding wiry
""",
        """
        soft smooth plush comfortable light gentle great silky cosy supportive sleek warm supple flexible
        luxurious breathable stylish snug stretchy reliable springy cushioned fine durable beautiful cool
        """,
    ),
    "stiffness": field(
        """
        confining constricting constrictive inelastic inflexible pinched pinching restricting restrictive
        rigid springless stiff stiffening stifling strained strangled suffocating taut tight unforgiving
        unyielding wooden
""",
        """
        light comfortable soft supportive flexible smooth secure breathable snug supple plush springy
        stretchy lightweight cushioned airy reliable sleek new easy gentle durable effortless responsive
        bouncy weightless
        """,
    ),
    "fit": field(
        """
        asymmetrical baggy bent boxy bunched clingy crooked deformed distorted    
         gaping gappy ill-fitting ill-shaped ill-suited   loose lopsided malformed misaligned
        mismatched misshaped misshapen overlong oversized sagging saggy scanty shapeless shrunken skimpy 
        slouchy squashed twisted undersized unfitted unflattering ungainly unshapely warped wonky
""",
        """
        comfortable smooth sleek soft flattering snug stretchy supportive streamlined slim flexible light
        relaxed clean sculpted tailored elegant generous neat breathable modern easy beautiful stylish
        balanced sturdy
        """,
    ),
    "firmness": field(
        "drooping droopy flabby flaccid floppy limp limping mushy slack slushy spongy squidgy squishy",
        """
        sturdy strong responsive light springy durable firm lively bouncy plush reliable comfortable soft
        great smooth supportive structured dependable versatile smart resilient robust solid
        """,
    ),
    "damage": field(
        "broken busted damaged mangled marred ruined spoiled spoilt wrecked",
        """
        improved updated ready refined refreshed perfect new strong sturdy reliable polished
        """,
    ),
    "space": field(
        """
        airless chaotic claustrophobic cluttered cramped disordered disorganised disorganized jumbled messy
        pokey poky tangled
""",
        """
        roomy spacious generous comfortable neat versatile airy breathable soft cushioned calm practical
        fresh compact bright relaxed welcoming tidy organised smart
        """,
    ),
    "colour": field(
        """
        blah bland bleak blotchy blurry cheerless colorless colourless dingy dirty discolored discoloured drab
        dreary dull faded fading filthy garish gaudy glaring gloomy greasy grim grimy grotty grubby lifeless
        lurid moldy mouldy mucky  murky oily pale soiled splodgy splotchy spotty stained tainted
        tarnished unclean unhygienic unsanitary unwashed washed-out yellowed yellowing
""",
        """
        bright bold fresh vibrant stylish crisp vivid beautiful sharp striking sleek soft great warm clean
        new rich colourful brilliant cosy light stunning lovely classic modern smart
        """,
    ),
    "looks": field(
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
        sleek stylish fresh smart bold elegant great sharp beautiful good bright clean cool new soft
        gorgeous light stunning classic modern comfortable smooth crisp flattering brilliant polished
        """,
    ),
    "age": field(
        """
        aged antiquated backward dated decrepit dusty fusty hackneyed jaded moth-eaten musty obsolete
        old-fashioned old-hat out-of-date outdated outmoded perished prehistoric primitive rusty stale tired
        weather-beaten worn worn-out
""",
        """
        fresh new bold sleek modern timeless classic iconic clean easy clever free stylish smart versatile
        light legendary sharp plush fast strong soft warm great contemporary popular
        """,
    ),
    "dull": field(
        """
        ho-hum so-so meh uninvolving aimless banal  boring derivative dull emotionless endless flavorless
        flavourless forgettable humdrum humourless insipid joyless lazy  mind-numbing mindless
        monotonous mundane nondescript pedestrian prosaic repetitive samey senseless shallow simplistic
        soporific soulless spiritless stagnant staid sterile stilted stodgy stolid stuffy superficial tedious
        tiresome toneless turgid uneventful unexciting unimaginative unimpressive uninspired uninspiring
        uninteresting unmemorable unoriginal unremarkable vacuous vapid wearisome weary wimpy
""",
        """
        bold great fresh brilliant light soft iconic flexible fun exciting lively smooth bright fast quick
        comfortable unforgettable beautiful timeless memorable cool simple easy airy new versatile
        """,
    ),
    "speed": field(
        """
        delayed draggy lagging laggy  lengthy lethargic long-winded  overdue plodding slow
        slow-moving slow-witted sluggish  tardy underpowered unresponsive
""",
        """
        responsive quick fast smooth light lively springy effortless snappy comfortable reliable great swift
        good helpful attentive energetic smart prompt agile speedy
        """,
    ),
    "stability": field(
        """
        faltering hobbling insecure precarious shaky skiddy slippery slippy tippy treacherous unbalanced
        unstable unsteady wobbly
""",
        """
        stable reliable steady secure dependable grippy great supportive solid strong firm confident
        balanced responsive sure-footed superb excellent grounded sure durable fast light springy flexible
        smooth trustworthy
        """,
    ),
    "breath": field(
        """
        stuffy clammy damp dank greasy moist muggy overheated saturated slimy soaked soggy steamy sweaty
        sweltering unbreathable unventilated watery wet
""",
        """
        comfortable cool light fresh soft dry breathable smooth airy warm secure breezy refreshed stretchy
        flexible snug great lightweight gentle silky ventilated happy supportive cosy energised durable
        """,
    ),
    "smell": field(
        """
        fetid foul malodorous odorous putrid rancid rank reeking smelly stinky
""",
        """
        fresh clean new soft great pleasant bold easy cosy warm crisp cool
        """,
    ),
    "warmth": field(
        """
        chilly cold drafty draughty freezing frigid icy leaking leaky porous see-through thin transparent
""",
        """
        comfortable dry warm reliable cosy light fresh soft snug waterproof smooth cool watertight durable
        sleek protective toasty dependable tough windproof breathable energised refreshed focused great
        strong
        """,
    ),
    "pain": field(
        """
        achy agonising agonizing arduous crippling dangerous draining enervating excruciating exhausting
        fatiguing grueling gruelling harmful hazardous hurtful insufferable intolerable noxious numbing
        painful perilous poisonous punishing sickly strained strenuous stressful tense tiring torturous toxic
        unbearable uncomfortable uncomfy unhealthy unsafe
""",
        """
        comfortable soft light great smooth supportive cushioned gentle easy breathable plush soothing cool
        fast quick stable free reliable wonderful effortless seamless simple hassle-free flexible pleasant
        convenient
        """,
    ),
    "ease": field(
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
        quick easy simple handy smooth effortless fast great helpful convenient practical intuitive reliable
        secure clear useful clever smart straightforward brilliant speedy fun ideal new personal seamless
        """,
    ),
    "trust": field(
        """
         buggy   disposable doomed dysfunctional erratic expendable fallible fishy flaky
        futile glitchy haphazardly hit-and-miss hit-or-miss hopeless impotent inaccurate inappropriate
        incapable incomplete inconsistent incorrect ineffective ineffectual inefficient irrelevant
        malfunctioning   meaningless nonfunctional pointless purposeless redundant 
        superfluous suspect suspicious undependable unfit unproven unreliable unsuitable untrustworthy useless
        worthless  wrong
""",
        """
        reliable great dependable excellent stable steady brilliant consistent superb smart trusted helpful
        useful comfortable smooth easy secure simple perfect durable light even popular fast practical
        clever
        """,
    ),
    "price": field(
        """
        costly excessive exorbitant expensive extortionate overblown overhyped overpriced overrated oversold
        pricey pricy steep stingy tight-fisted wasteful
""",
        """
        affordable great comfortable new smart stylish popular versatile soft brilliant everyday recyclable
        sustainable light sturdy fair generous exclusive reliable essential classic reasonable special
        exciting good durable
        """,
    ),
    "service": field(
        """
        frosty icy cliquey robotic rigged rude-sounding angry arrogant blundering brash brutish bumbling
        careless cavalier clueless clumsy cold-hearted
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
        helpful great friendly quick responsive expert skilled smooth reliable knowledgeable attentive
        experienced light dedicated fast springy comfortable excellent careful lively supportive courteous
        kind diligent snappy gentle
        """,
    ),
    "sound": field(
        """
        clattering creaky deafening grating jarring loud noisy piercing rattling rattly raucous screechy
        shrill squeaking squeaky
""",
        """
        quiet light smooth soft cushioned sleek supple comfortable silent gentle fast lightweight plush
        springy durable breathable warm solid
        """,
    ),
    "taste": field(
        """
        bitter burnt charred gluggy inedible lukewarm overcooked overextracted sludgy sour tepid unappetising
        unappetizing undercooked unpalatable unsavory unsavoury watered-down watery
""",
        """
        fresh rich bold stylish bright beautiful smooth fast soft smart lovely vibrant elegant new great
        delicious hot perfect
        """,
    ),
    "general": field(
        """
        chilled shivering drenched sore aching gasping limping stranded sweating wincing hobbling parched
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
        great reliable light good comfortable brilliant fantastic excellent smart smooth fast new superb
        strong fresh wonderful perfect bold soft stylish secure amazing friendly outstanding fine cool
        """,
    ),
    # What some words of the fields above say more exactly.
    "fame": field(
        "forgettable nondescript unmemorable unremarkable",
        """
        iconic unforgettable memorable timeless special legendary remarkable famous bold great
        """,
    ),
    "care": field(
        "botched bungled haphazard slapdash slipshod sloppy",
        """
        careful precise neat perfect fine clean tidy clever stylish sleek meticulous durable reinforced
        crisp strong
        """,
    ),
    "tightness": field(
        "leaking leaky porous",
        """
        waterproof reliable watertight durable dry
        """,
    ),
}
