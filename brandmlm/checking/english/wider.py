"""More words of fault, by the fields of `evaluation`: rarer ones, as a thesaurus has them beside the common ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from brandmlm.checking.english.fields import words


def _by_field(**fields: str) -> Mapping[str, frozenset[str]]:
    return {name: words(text) for name, text in fields.items()}


ADJECTIVES: Final = _by_field(
    weight="""
        bottom-heavy cloddish clodhopping elephantine encumbering lumpen lumpish sloth-like brick-like sack-like
        robot-like cardboard-like overladen overloaded
        overweight oversize top-heavy tubby ungraceful unmanageable unportable cumbrous heavyish bloaty
    """,
    strength="""
        brittle crackable crumpled cracking crumbled decaying decomposing disintegrating dented fatigued
        fissured flaking flaky fracturing fragmented jerry-built makeshift moth-eaten papery paper-thin
        rippable rusted ruptured sickly snappable splintery tearable tottering tumbledown unravelled
        unravelling unreinforced unstitched unstitching weakened wispy worm-eaten wafer-thin delaminated
        delaminating punctured leak-prone snag-prone spindly puny tinpot collapsing buckled buckling
        broken-down shattered chipped rotting fading-prone
    """,
    quality="""
        abject bargain-basement below-par bodged cheapo cheap-feeling cheapjack clapped-out cobbled-together
        cookie-cutter corner-cutting cruddy cut-rate deficient dime-store down-market downmarket duff dud
        dodgy execrable factory-reject faux flawed fourth-rate grotty hit-or-miss hokey hollow ill-finished
        inauthentic indifferent iffy jerry-rigged kitsch knock-off knockoff lousy low-end low-rent lower-grade
        makeshift meretricious mickey-mouse no-frills no-good not-quite one-star passable penny-pinching
        piddling piffling pinchbeck poorish pseudo questionable ropy rubbishy scamped scanty schlocky
        second-class shlocky shoddy skimped slipshod so-so sham slovenly spurious stopgap strictly-average
        tawdry ten-a-penny tin-pot trifling trumpery uncrafted undistinguished unexceptional unimproved
        unpolished untested unfulfilling unsound weedy weak-willed wishy-washy insufficient scant sparse
        paltry derisory measly niggardly perfunctory cursory half-finished halfhearted tepid anaemic anemic
        insubstantial skin-deep jerrybuilt bottom-drawer tinselly crass crappy lacking ailing uninspired
        mislabelled misprinted misstitched mis-stitched mis-sized missized misassembled
    """,
    texture="""
        barbed bobbled bobbly bristled burlap-like burred caked calloused callused cardboard cardboardy chafy
        clotted cracking craggy crackly crinkly crispy flakey granular gravelly gungy gunky hessian-like
        jagged knobby lumpish matted nubby papery pimply pitted pockmarked ruckled rucked rucked-up sandpapery
        scabrous scaly scabby scouring serrated spiny splintery sharp-seamed stubbly tacky thorny unsmooth
        cloying
    """,
    stiffness="""
        arthritic bracing-tight cast-iron clenched corseted creaky immobile immovable inelastic ironclad
        jammed jamming leaden pinchy plank-like poker-stiff seized starched stiffened stilted straitjacketed
         tightening unbending unbendable unflexible unsupple viselike wood-like chokingly choking
        strangling throttling squeezing tourniquet-like airtight
    """,
    fit="""
        askew awry billowy ballooning blousy bowed bulgy bunching bunchy cockeyed  engulfing
        floppy-fitting gapy ill-cut ill-proportioned ill-sized lop-sided mis-sized misfit misfitting
        mis-shapen off-centre off-centered off-kilter  overlarge oversize puckering saggy-kneed shrunk
        sack-like sacklike skew-whiff stretched-out stubby tent-like tentlike uncoordinated uneven
        unevenly-cut unproportioned unshaped unsized unstructured unsupporting wrong-sized wrinkling 
        dumpy baggy-kneed
    """,
    firmness="""
        bottomed-out collapsed deflated doughy flaccid flagging flattened flimsy gelatinous mushed pappy pulpy
        quaggy sagging slumped slumping soft-centred squashy squelchy sunken unfirm wobbling floppity
        dead-feeling bounceless squished pancake-flat
    """,
    damage="""
        cursed defaced defunct dinged dog-eared gashed gouged impaired in-bits kaput knackered mauled
        mutilated pre-damaged ruinous scarred scraped smashed snapped unrepairable vandalised ravaged
        disfigured blemished blighted busted shot-through unmended
    """,
    space="""
        confined congested crammed disarrayed disorderly higgledy-piggledy overcrowded overfull overpacked
        pinched poky shambolic topsy-turvy untidy unsorted pokey squashed boxed-in tight-packed closet-sized
        chaotic snarled
    """,
    colour="""
        achromatic ashen bilious bleary blotched dingy dishwater dirtied discoloring dull-toned dulled dun
        fuzzy greyish grayish greyed greying jaundiced lacklustre leaden lustreless lusterless mildewed
        mottled mousy mousey pallid pasty scummy smeared smeary smudged smudgy sooty spattered sallow streaked
        streaky swampy tea-stained unbrilliant uncoloured wan washed-up waxen wishy-washy sunless tarnishing
        besmirched grayed puke-green
    """,
    looks="""
        brassy cartoonish clashing crass daft disfigured disproportionate discordant fashion-backward faceless
        formless freakish frowzy frumpish gauche gaudy gruesome gormless grisly hulking infra-dig ill-favoured
        ill-judged incongruous indecorous kitschy mawkish mumsy misjudged monstrous ostentatious outlandish
        overdone overdesigned overdecorated over-the-top plug-ugly preposterous rumpled scraggly scraggy
        slobby slovenly slummy straggly tatterdemalion tasteless tinselly tarty unbeautiful uncomely
        unflattering unfetching unglamorous unhandsome unlovable unpretty unprepossessing unpressed untended
        untoward unwashed unironed wacky nerdish dorkish clownlike goofy gangly garbled dopey unappetising
        bizarre cutesy twee hodgepodge
    """,
    age="""
        anachronistic antediluvian archaic behind-the-times bygone creaking dinosaur dowdy-old fossilised
        fossilized fuddy-duddy geriatric mildewy mothballed mummified old-fangled out-of-style out-of-fashion
        outgrown outworn overage overused passe passé past-it played-out rehashed retrograde senile shopworn
        stagnating superannuated time-worn tired-out unmodern unrevised unfresh mouldering decayed fusty
        behind-time dino time-expired clichéd cliched overfamiliar reheated warmed-over yesterday's stodgy
        shop-soiled shelf-worn frowsty stale-smelling
    """,
    dull="""
        arid bloodless bog-standard bromidic characterless commonplace deadening deadly-dull dreich
        dry-as-dust drowsy droning featureless flavourless-tasting flat-footed formulaic glum gray-faced
        half-asleep interminable irksome jejune leaden listless long-drawn-out lustreless mind-dulling mopey
        moribund numbing one-note overlong plodding pointless platitudinous ponderous rambling rote
        run-of-the-mill sedate sleep-inducing snooze-worthy somnolent spineless torpid trivial two-dimensional
        unadventurous unambitious unanimated unamusing unchallenging uncreative unengaging unenlightening
        unenthusiastic unenticing unfunny uninventive unentertaining unmoving unrewarding unstimulating
        unstirring unvaried wooden workaday yawn-inducing zestless zombie-like bone-dry cardboard-cutout inert
        lacklustre middling milquetoast lifeless passionless personality-free unloved unlovely wearying wordy
        verbose waffling
    """,
    speed="""
        belated behindhand crawling dawdling dilatory dithering drawn-out foot-dragging glacial halting
        half-speed hesitant inactive interminable laggard languid never-ending overlong plod-paced
        procrastinating slack slow-footed slow-going  slowish snail-paced snail-like slothful
        tortoise-like unprompt unpunctual backlogged time-consuming protracted lumbering
    """,
    stability="""
        capsizing careening doddery erratic giddy ice-slick imbalanced loose-footed lurching off-balance rocky
        slidy slippery-soled skittery slick-soled teetering tipsy tottery treadless unanchored unsecured
        unsupported vertiginous wavering wonky-heeled topply traction-free grip-free gripless wobbling
    """,
    breath="""
        airless-feeling boggy bathwater-warm clogged dampish overwarm puddled rain-soaked sodden sopping
        squelching squelchy stewing sticky suffocating sweat-soaked sweat-drenched swampy unaired unairy
        waterlogged water-logged wettish stifling
    """,
    smell="""
        acrid cheesy-smelling evil-smelling fusty gamey mildewy miasmic mephitic musty niffy noisome
        off-smelling pongy pungent reeky sour-smelling stale stinking sulphurous sweat-smelling whiffy
    """,
    warmth="""
        bitter-cold bone-chilling gappy icebox-cold numbing-cold shivery teeth-chattering underinsulated
        unheated uninsulated unwarm wind-prone clammy leaking leak-prone holey sieve-like unsealed
    """,
    pain="""
        back-breaking scalding blistering blister-prone blister-inducing bruising chafing debilitating deadening
        distressful disabling excruciating finger-pinching foot-crushing hobbling injurious knee-wrecking
        maiming pinching skin-stripping soul-crushing stinging tender-making tormenting toe-crushing
        toe-pinching tortuous unendurable unergonomic wrenching crampy carcinogenic flammable deadly lethal
        fatal unprotected unprotective unsafe-feeling unwholesome hellish burdensome tiresome oppressive
    """,
    ease="""
        abstruse needless senseless alienating arcane badly-designed bewildering byzantine counterintuitive
        counter-intuitive
        cack-handed clogging confounding discommodious dispiriting fathomless fiddlesome flummoxing forbidding
        head-scratching hard-going high-maintenance hard-to-read impenetrable inapt inaudible inconvenienced
        inelastic inexplicable inextricable inopportune intractable labyrinthine maddening muddling mystifying
        nerve-racking nerve-wracking niggly nightmarish off-message onerous overcomplex pernickety
        problem-ridden puzzling recalcitrant roundabout self-defeating  tortuous troublous
        unaccommodating unadjustable unapproachable unclear unfathomable unhandy unintelligible unnavigable
        unplayable unpractical untranslatable unwieldy user-unfriendly vexatious convoluted over-engineered
        overelaborate disorganised garbled mangled incomprehensible misguided counterproductive
        counter-productive gruelling unintuitive non-intuitive fault-prone error-prone
    """,
    trust="""
        abortive ad-hoc addled ailing bootless botch-prone breakdown-prone broken-down bug-ridden baseless
        crash-prone deadbeat defeatist deluded doubtful dodgy erroneous error-ridden failing failed false
        fallacious fly-by-night foolhardy foredoomed fraudulent half-working hollow ill-fated ill-equipped
        illusory imprecise inaccurate impotent inane inconclusive inconsequential inoperable inoperative
        invalid jinxed lying  misfiring mistaken nonexistent non-existent non-functional nonworking
        non-working no-use out-of-order patchy powerless precarious problematic purposeless quirky rash shifty
        shoogly spotty sporadic temperamental touch-and-go trustless unaccountable unavailing uncertain
        unconvincing underperforming underachieving underdelivering unexplained unfaithful unfit unfounded
        ungrounded unpredictable unproductive unqualified unrealistic unserviceable untrue unviable unverified
        unworthy useless-feeling vacillating vain volatile wayward wobbly worth-nothing wrong-headed scammy
        dishonoured flawed-by-design unsuccessful unenforceable
    """,
    price="""
        bank-breaking bloated budget-busting eye-watering eyewatering gouging immoderate inflated inordinate
        miserly money-grabbing money-grubbing money-wasting opportunistic outrageously-priced over-priced
        over-the-odds overcosted overcharged penny-pinching predatory prohibitive profiteering rapacious
        rip-off ruinous scrimping sky-high spendthrift stiff-priced undervalued unaffordable uneconomical
        unjustified usurious wallet-emptying wallet-draining grasping mercenary avaricious niggardly
        tightfisted profligate pinchpenny high-priced low-value
    """,
    service="""
        abrasive abrupt absent-minded abusive adversarial aloof antagonistic apathetic argumentative
        argumentive backhanded belligerent begrudging boorish brusque bureaucratic callous cantankerous
        churlish coercive combative confrontational contemptuous cold-shouldered cranky crooked curmudgeonly
        cynical deaf defensive disaffected disengaged disinterested disobliging disorganised disorganized
        dithering dour duplicitous exploitative evasive faceless feckless flippant forgetful glib gormless
        graceless grouchy gruff grudging half-baked harried haughty heavy-handed high-handed huffy ill-bred
        ill-informed ill-mannered ill-tempered ill-trained impatient impersonal impertinent impolitic
        imprudent inattentive incommunicative inconsistent indolent inflexible inhuman inhumane insolent
        intolerant intransigent judgmental judgemental lackadaisical lax long-suffering lazy manipulative
        monosyllabic mulish nonchalant neglected nitpicking nosy obdurate oblivious obstinate officious
        parasitic passive-aggressive peevish perfidious petulant pigheaded pig-headed pompous sanctimonious
        scatterbrained self-serving selfish shameless short-tempered shouty slack slapdash slipshod sluggish
        smarmy smug snappy-tempered sniffy snobbish snotty sour-faced spiteful standoffish stand-offish
        stonewalling stony-faced stroppy  stuck-up supercilious tactless taciturn testy tetchy
        thick-skinned thin-skinned two-faced unaccommodating unaccomplished uncivil uncommunicative
        unconcerned undertrained underqualified understaffed undutiful unfeeling unforgiving ungracious unkind
        unmannerly unmoved unobliging unprincipled unreachable unresponsive unscrupulous unskilful untruthful
        unhelpful unethical unmotivated unsmiling vacuous vindictive weaselly work-shy cagey grumbling
        sarcastic scornful sneering scowling offhanded wooden half-asleep underwhelmed
    """,
    sound="""
        blaring cacophonous clanging clangy clanking clanky crackling discordant dissonant ear-splitting
        earsplitting grinding honking jangling jangly rackety rumbling rustly screaming screeching squealing
        tinny thunderous wailing whining whirring buzzing swishy scrunchy noisome clicky clattery thudding
    """,
    taste="""
        acrid brackish burned chalky cloying congealed curdled floury gloopy greasy-tasting gristly insipid
        mealy mouldy nauseous over-sweet oversalted overdone oversweet rancid rubbery sickly soapy stale
        sulphurous tasteless tough-to-chew treacly unsavoury weak-tasting vinegary claggy overboiled bland
    """,
    general="""
        abhorrent abominable accursed adverse agonising appalling aversive baleful balky beastly bereft
        black-hearted bleak blighted brainless bum bungling careworn cheerless cloddish comfortless
        contemptible crushing cursed damnable damned deficient dejected deleterious depressive desolate
        despicable despondent destructive detrimental direful disagreeable disconcerting disconsolate
        discouraged disheartening dismaying dispirited dispiriting disquieting disreputable dissatisfactory
        distasteful downbeat dread-inducing dreary dysfunctional egregious embarrassed execrable extortionate
        feeble-minded fiendish flagging foreboding ghastly god-awful godawful grievous hapless harrowing
        heartbreaking heinous hellish hopeless horrifying humourless ignoble ignominious ill-starred infamous
        inglorious inhospitable insalubrious insufferable iniquitous joyless lamentable lugubrious luckless
        macabre maleficent malign malignant melancholy mirthless monstrous moody mournful nefarious no-win
        objectionable pernicious pitiless poisonous problematic rank repellant rueful ruinous sadistic
        second-rate sinister soulless sombre sub-optimal suboptimal sub-standard tearful thankless third-class
        troubling unappreciated unbearable unblessed uncalled-for uncared-for undeserving undesired unedifying
        unendurable unenviable unfavourable unfavorable unforgivable unfortunate uninhabitable unlikable
        unlucky unmitigated unpalatable unpardonable unpleasing unprofitable unpromising unrelenting
        unsalvageable unsavoury unspeakable unsuitable unwise useless verminous villainous vacant woebegone
        worst-ever yucky zero-star crappy stinking gloom-ridden godforsaken dud wack cringey cringy
        cringe-worthy cringe-inducing yawnsome bungled harmful sorry sorrowful piteous sub-par underwhelmed
        fatal unloved
    """,
)
VERBS: Final = _by_field(
    wear="""
        balloon dribble splutter sputter flicker blacken bulge capsize clog clot clump conk curdle deteriorate detach
        disband dilapidate
        disfigure distend erode fissure flake fracture frizz frazzle gouge implode misfire moulder oxidise
        oxidize pinhole pucker rattle ruckle ruck rupture shrivel slump  snarl splay splinter stink
        subside sunder unbutton unglue unhem unpick unstick unthread warp wither wrinkle moult backfire blotch
        discolour discolor glitch lurch
    """,
    skin="""
        gall gnaw goad jab lacerate rankle stab suffocate wound welt
    """,
    grip="""
        totter topple teeter wobble lurch slither skitter
    """,
    wet="""
        seep ooze puddle clam sog swamp waterlog
    """,
    sound="""
        clang clank crackle groan honk jangle moan rasp rustle screak shriek whirr
    """,
    body="""
        bog burden cripple cumber debilitate deplete enfeeble exhaust fatigue incapacitate overburden overload
        overtax prostrate sap shackle straitjacket trammel weaken wilt
    """,
    lose="""
        backfire bungle dawdle falter fizzle flounder flunk languish lose misfire regress
    """,
    feeling="""
        appall affront agitate antagonise antagonize bamboozle befuddle belittle bore confound deject demean
        demotivate disenchant disgruntle dishearten disillusion dispirit disquiet dissatisfy disserve enervate
        fluster grieve harass mortify mystify nauseate patronise patronize peeve perplex pester perturb rattle
        rile shortchange sadden stupefy terrify torment unnerve unsettle weary confuse
    """,
    service="""
        begrudge belittle bodge bully blank browbeat condescend defraud deprive disregard dither dodge
        fudge gouge grumble hoodwink misinform mislay mispronounce misplace mis-sell missell nickel-and-dime
        overlook patronise patronize procrastinate renege scrimp shirk skimp slack sneer snub spurn stonewall
        swindle stint underpay yawn waffle scowl cold-shoulder
    """,
    spoil="""
        adulterate bastardise blemish blight blot corrode corrupt cramp deface deform degrade demolish
        desecrate devalue disfigure dishonour foul garble hinder impair impoverish muddle mutilate pollute
        stymie stifle stultify tarnish thwart undercut vitiate weaken
    """,
)
NOUNS: Final = _by_field(
    body="""
        backache chafe faintness foot-ache neckache numbness shivers soreness tedium tightness wear-and-tear
    """,
    mood="""
        anguish annoyance annoyances anticlimax apathy bewilderment bitterness contempt despair desperation
        discontent discouragement disillusion disillusionment displeasure doldrums doom drabness dreariness
        dullness dulness dissatisfaction gripe gripes grievance heartbreak indignity irritation irritations
        joylessness listlessness malaise melancholy monotony numbness outrage pessimism regret resentment
        resignation snooze snoozefest snore sameness sulk sulks tedium torpor unease unhappiness vexation
        weariness embarrassments mediocrity
    """,
    trouble="""
        aggro backlog eternity bother bottleneck bottlenecks bumbling burden burdens chore chores confusion difficulty
        difficulties disarray disorder disruption encumbrance faff hiccup hiccups holdup holdups impediment
        impracticality imposition inconveniences letdowns mayhem muddle muddles mishmash palaver rigmarole
        red-tape rubbish shortfall strife tangles tangling tribulation upheaval
    """,
    fault="""
        baloney bilge blot blots botch botch-job bodge breakage bunkum cack clanger claptrap cliche cliché
        clumsiness cock-up crap creasing dross drivel eyesores fakery fallacy falsehood flab flakiness
        flummery fogginess fraud gimmick gimmicks goof gunk hodgepodge hogwash hoax imperfection imperfections
        inaccuracy inadequacy incompetency inefficiency ineptitude inconsistency junkheap knock-off knockoffs
        malfunction malfunctions mess-up misjudgment misprint misstep mockery money-pit no-hoper non-event
        nothingness obsolescence pap perfunctoriness pigsty piffle poppycock rattletrap ruin sag sagging
        schlock shakiness sham shrinkage sludge slop sloppiness slovenliness sogginess squalor stench stinker
        stodge stodginess sub-standard tack tat tattiness tosh twaddle unreliability vagueness weakling
        write-off bungle botches bloat dowdiness frumpiness drudge clunker clunkers fripperies kitsch
        tackiness rot-gut wobbliness floppiness scratchiness itchiness lumpiness limpness  
        bagginess dampness clamminess muck mush
    """,
    service="""
        apathy begrudgery bureaucracy callousness complacency condescension contempt deceit dishonesty
        discourtesy disdain disorganisation disregard disrespect evasion evasions hostility impatience
        impoliteness inattention incivility inaction incompetence insincerity insolence insults lip-service
        malice malpractice neglectfulness negligence nonchalance obstruction platitudes snobbery snootiness
        spite stinginess stubbornness tactlessness thoughtlessness unconcern unhelpfulness unkindness
        unresponsiveness
    """,
    smell="""
        mildew mustiness pong reek stench stink
    """,
)
