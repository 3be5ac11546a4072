"""Closed classes of English words, and classes of nouns and verbs that decide what a judgement is about."""

from __future__ import annotations

import re
from typing import Final

from brandmlm.checking.english.fields import words

DETERMINERS: Final = words(
    "a an the this that these those each every any some all both either neither no our your my his her its their "
    "another other such what which whose many much few several more most less"
)
PRONOUNS: Final = words("i you he she it we they me him her us them ours yours mine theirs one everyone nobody who")
PREPOSITIONS: Final = words(
    """
    about above across after against along among around as at before behind below beneath beside between
    beyond by  despite down during except for from in inside into like near of off on onto out outside over
    past per since through  throughout till to toward towards under underneath until up upon via with within
    without underfoot next
    """
)
COORDINATORS: Final = words("and or but nor yet so plus")
SUBORDINATORS: Final = words(
    """
    because since although though while whereas when whenever if unless until after before as where wherever
    that than  whether
    """
)
AUXILIARIES: Final = words(
    """
    am is are was were be been being do does did have has had will would shall should can could may might must
    ought  need needn 'll 're 've 'd 's won't
    """
)
# Verbs that join a subject to what is said of it; with an object ("keeps you chilly"), an object.
LINKING: Final = words(
    "be ride hang lie arrive feel look seem sound smell taste appear "
    "become get stay remain prove run sit wear turn grow go fit"
)
CAUSING: Final = words("make leave keep get turn render find call")
REPORTING: Final = words(
    "say tell find mention ask report write note think describe call complain explain feel point let"
)

# A negation reaches to the end of its clause. NegEx calls some of these pseudo-negations when they stand before "only".
NEGATORS: Final = words(
    """
    not never no none nobody nothing neither nor without hardly barely scarcely rarely seldom cannot minus
    zero ain't  anything-but n't
    """
)
# Implicit negatives, which turn what follows them around (Polanyi and Zaenen, "Contextual valence shifters", 2004):
# verbs, nouns and adjectives of preventing, removing, ending and resisting.
SHIFTERS: Final = words(
    """
    avoid ban banish beat block combat conquer cure curb defeat defy ditch dodge dread eliminate end erase
    escape fight forget goodbye bye guard hate ignore kill lessen limit lose minimise minimize prevent protect
    quit reduce refuse relieve remove repel replace resist rid shed shield skip stop tackle adieu farewell
    sans freedom immune resistant relief antidote enough fend ward reject withstand without despite unlike
    untouched diminish absorb shrug
"""
)
SHIFTER_PHRASES: Final = (
    "far from", "anything but", "by no means", "no longer", "no more", "free of", "free from", "rid of", "instead of",
    "rather than", "tired of", "sick of", "fed up", "say goodbye", "wave goodbye", "keep away", "done with", "bored of",
    "bored with", "as opposed to", "put an end", "bring an end", "leave behind", "other than", "safe from", "out with",
    "who says", "who said", "who wants", "who needs", "who likes", "who'd", "problem of", "problem with", "problems of",
    "days of", "hard to call", "hard to imagine", "hard to say", "difficult to call", "impossible to call", "no room",
    "deserve better than", "deserves better than",
    "far cry", "hard-pressed to", "fails to", "fail to", "failed to", "be wrong", "unfair to", "careful not",
    "stranger to", "nowhere near", "opposite of", "last thing", "cure for", "answer to",
    "solution to", "alternative to", "allergic to", "break from", "break free", "breaks free", "spare you",
    "spares you",
    "enemy of", "shy away", "away with", "light years", "not so much", "antithesis of", "no place", "beyond the",
    "so long", "end of", "kiss goodbye", "nothing about", "least", "less", "miles from", "cut down on",
)  # fmt: skip

# Words before which a complaint of the customer's is repeated.
APOLOGIES: Final = re.compile(
    r"\b(?:we|i)(?:['’](?:re|m)| are| am| were| was)? (?:so |very |really |truly |deeply |both )?(?:sad|saddened|upset|"
    r"gutted|concerned|disappointed|dismayed|embarrassed|mortified|unhappy|surprised|troubled|ashamed|devastated) "
    r"(?:to|that|by|about|for|at|when|if|your|you|the|this)\b|\b(?:that|this|it|which) (?:sounds?|sounded|must)\b|"
    r"\b(?:we|i) (?:fully |completely |do |really |quite |also )?(?:understand|appreciate|reali[sz]e|recogni[sz]e|"
    r"accept|acknowledge|know|get|agree|admit)\b(?! (?:that )?(?:our|us|we)\b)|"
    r"\b(?:we|i) hear (?:that|how)\b|"
    r"\bsounds like\b|\bwhat a (?:pain|shame|nuisance|pity|mess)\b|\b(?:are|am) (?:aware|investigating|looking into)\b|"
    r"\bsorry\b(?!-)|apologi[sz]e|apologies|\b(?:we|i) (?:\w+ )?regret\b(?! (?:our|the new))|"
    r"unfortunately|\ba shame|\boh (?:no|dear)\b|"
    r"\b(?:we|i) (?:hear you|understand (?:that you|how|why|your|it)|appreciate (?:that|how|it)|"
    r"know (?:that you|how (?:frustrat|annoy|disappoint|hard|upset)))|"
    r"\bhow (?:frustrating|annoying|disappointing|upsetting)|"
    r"\bmust (?:have been|be)\b|\b(?:thanks|thank you)[^.!?;:]* (?:letting|telling|pointing|flagging|reporting|"
    r"raising|sharing|feedback|review|about)\b|\byour (?:\w+ )?(?:review|feedback|complaint|comments?|concerns?|"
    r"photos?|report|candou?r|honesty|frankness|remarks?|message|note|e-?mail|letter|observations?|criticisms?)\b|"
    r"\b(?:as|like) you (?:say|said|mention|describe|point)", re.IGNORECASE,
)  # fmt: skip
# An apology behind what it is for.
AFTER_APOLOGY: Final = re.compile(
    r"\b(?:(?:we|i) (?:do |sincerely |truly |fully )?apologi[sz]e|(?:we|i)(?:['’](?:re|m)| are| am) (?:\w+ )?sorry|"
    r"working on|looking into|being fixed|accept our|our (?:\w+ )?apologies)\b", re.IGNORECASE,
)  # fmt: skip
# The customer's own words, by a verb of saying or finding.
CUSTOMER_REPORTS: Final = re.compile(
    r"(?:^|[^\w\s]\s*|\b(?:and|that|but|as|when|since|because|if|sorry|hear|know|so|where|just) )"
    r"(?:you|i)(?:['’](?:ve|d)| have| had)? (?:just |also |recently |kindly |rightly )?"
    r"(?:said|say|told|tell us|found|find|mention(?:ed)?|asked|report(?:ed)?|wrote|noted|noticed|described|"
    r"complain(?:ed)?|felt|thought|experienced|had|received|got|read|heard|raised|flagged)\b|"
    r"\byou (?:told|wrote|reported|said)\b|"
    r"\b(?:you|they|he|she|i)(?:['’](?:ve|d)| have| had)? (?:call(?:ed)?|describ(?:e|ed)|report(?:ed)?|mention(?:ed)?|"
    r"flagged|noticed|complain(?:ed)?)\b|"
    r"\b(?:some|many|several|few|customers?|riders?|runners?|testers?|people|reviewers?|wearers?|readers?|members?|"
    r"players?|athletes?|fans?|critics?|users?|of you|buyers?|shoppers?|coach(?:es)?|parents?)(?: have| had| has)? "
    r"(?:told|said|asked|complain(?:ed)?|report(?:ed)?|wrote|mentioned|pointed out|called|described)\b|"
    r"\b(?:some|they|others|critics|haters|sceptics|skeptics)(?: might| may| will)? (?:say|think|claim|believe|call)\b",
    re.IGNORECASE,
)  # fmt: skip

# What a product meets, not what it is: weather and ground, body and health, time, effort, dirt, occasions.
WORLD_NOUNS: Final = words(
    """
    january february march april may june july august september october november december sunday saturday
    life weekday weekdays rush-hour queue queues dribble defender defenders keeper opposition chase
    luck visibility critic critics routine routines odds defeat defeats loss losses referee nerves sleep diet hangover
    air autumn blizzard breeze climate cloud clouds cold condition conditions dark darkness downpour drizzle
    dust element elements fog forecast freeze frost gale gales gust gusts hail heat heatwave humidity ice
    light lightning mist monsoon rain rainfall season shower showers sky skies sleet slush snow spring storm
    storms summer sun sunshine temperature temperatures thunder thunderstorm tide water waters wave waves
    weather wind winds winter winters alley asphalt beach bend bog bush cave city clay climb climbs coast
    cobble cobbles concrete corner country court crag descent descents desert field fields floor floors forest
    gradient grass gravel ground hill hills incline jungle lake landscape mountain mountains mud outback path
    paths pavement pavements peak peaks pitch pothole potholes puddle puddles ridge ridges river road roads
    rock rocks root roots route routes sand scree sea slope slopes snowdrift stone stones street streets
    summit surface surfaces swamp terrain track tracks trail trails turf undergrowth valley wilderness wood
    woods world ankle ankles  arches arm arms  backs belly blister blisters  bodies bone bones
    bruise bruises bunion bunions calf calves chest chin ear ears elbow elbows eye eyes  faces feet finger
    fingers foot hair hamstring hamstrings hand hands  heads heartbeat hip hips injury injuries joint
    joints knee knees leg legs ligament limb limbs lung lungs mind  muscle muscles  nail nails nerve
    nerves nipple nose palm palms shin shins shoulder shoulders skin spine stomach thigh thighs throat thumb
    toe toes tooth teeth   wrist wrists sweat afternoon afternoons century commute commutes
    commuter day days deadline decade dawn dusk evening evenings hour hours monday mondays tuesday wednesday
    thursday friday saturday sunday mile miles minute minutes moment moments month months morning mornings
    night nights noon schedule second seconds shift shifts time times week weekend weekends weeks year years
    battle battles boss bout challenge challenges circuit circuits commute cross-country drill drills 
     exercise exercises fight  game games graft grind gym habit habits hike hikes interval
    intervals   journey journeys labour lap laps lift lifts lunge lunges marathon match matches
    opponent opponents pace practice press-up race races rally rep reps repeat repeats sessions session sprint
    sprints squat squats stretch stride task tasks test tests testing tour tours traffic training travel trek
    treks trip trips walk walks  workout workouts bag-drop baggage belongings body-odour bacteria bleach
    chemical chemicals chlorine crumb crumbs debris detergent detergents dirt dog dogs drain filth grease
    grime grit juice kitchen laundry limescale load loads luggage mark marks mess mould oil oils pan pans
    parasite pet pets pollen pollution shopping   smoke softener softeners spill spills spot spots
    stain stains sweat wine bargain bargains boyfriend child children   compliment competition
    crowd crowds customer customers   doubt doubts excuse excuses fact facts fear fears
    feeling feelings friend friends guess habit history  kid kids life lives man men mood moods news
    opinion opinions parent parents people person question questions rival rivals runner-up secret secrets
     surprise surprises thing things thought thoughts toddler toddlers truth   woman women word
    words user users athlete athletes player players traveller travellers traveler travelers beginner
    beginners bean beans neighbour neighbours guest guests duty impact impacts shock shocks
    order orders payment payments card cards parcel parcels
    thud roar noise noises click hum rustle run runs case cases joke jokes hazard hazards
    """
)
# What a product is to the senses and in use: a physical property of it is said of the product.
PERCEIVED_NOUNS: Final = words(
    "texture feel touch look fit ride comfort handle finish grip sound taste smell design style silhouette profile "
    "movement experience sole soles fabric material upper seam seams sleeve sleeves sensation landing landings "
    "zip zips zipper zippers buckle buckles drawstring lining linings collar collars waistband waistbands cuff cuffs "
    "lid button buttons"
)
# Judging words that praise in advertising: excess, violence and danger, said of effort, colour or speed.
AMELIORATED: Final = words(
    """
    addictive aggressive beastly brutal bad-ass badass beast crazy cruel crush cut-throat dangerous
    dangerously deadly demanding devil dirty endless epic extreme fearsome ferocious fierce filthy gnarly hard
    hardcore hardest insane insanely intense killer loud mad madly mean monster obscene obsessed outrageous
    rebel rebellious relentless ridiculous ridiculously rugged ruthless savage serious seriously severe sick
    sickest silly smash stupidly terribly tough toughest unapologetic uncompromising unreal vicious violent
    wicked wickedly wild
"""
)
# Passing states that a product of any maker may come into ("damp socks", "worn-out trainers").
STATES: Final = words(
    """
    faulty defective wrong incorrect missing broken cold cracked creased damaged damp dirty dusty faded frayed
    greasy late muddy ripped scuffed
    soggy stained  sweaty torn wet worn worn-out wrinkled
    """
)
# Verbs of attack and effort, whose object is what we help against: no fault of ours.
ATTACKING: Final = words(
    """
    attack beat break bust crush cut demolish destroy defy fight hit hunt kill knock punch shatter slay smash
    tear blast  burn push dare drop bag storm risk trash ruin
    """
)
# Dimensions and temperatures: of which "too" makes a fault.
DIMENSIONS: Final = words(
    """
    baggy big bright broad bulky cold dark deep hard heavy high hot large light long loose loud low narrow
    short small  slow soft stiff thick thin tight tiny tall warm wide
    """
)
# Words that VADER rates below zero and that judge nothing in copy: of moving, hiding, paying, selling and grammar.
NO_JUDGEMENT: Final = words(
    """
    jokes disagree disagrees disappear disappears disappeared
    regret regrets delay delayed
    complain complaint complaints issue issues beating cut
    abandon alarm alone appeals arrest avoid avoids bar base battle bomb block blocks blind cancel cancelled
    cancelling charge charged charges cold collide competition competitive contend cool crush cut cuts cutting
    dare dark darkest darkness dead deadline delay delays demand demands deny detached devil die die-cut dives
    dodge drop dropped drops dump emergency empty end escape excuse exclude excluded excludes expel fake fall
    fight fighting fights fire fired fires forbid force forced forces forget forgot forgotten free freeze
    freezing gun hard harder hardest hell hid hide hides ignore ill incident infection interrupt jealous join
    kill killing lack leave leaves lone lonely loose-fit loss lost low lower lowest mad miss missed missing
    missile no oppose opposite oppose orders pay penalty pirate poison problem problems pressure pressured
    pressures prevent prison protest punch racing rebel reject removed resist riot rob robber scream seriously
    serious shock shocks shoot short shot shy sigh solemn sorry steal stop stopped stopping stops strange
    strike strikes suppress suspend suspended sword tank tears tension terror theft thief tough toughest trap
    treason tricked uncertain unemployed unknown unsold urgent vs violence war warn warning warnings warned
    wars weapon weapons weird wild wrong yell warfare alas admit admits admitted apologise apologize apologies
    excuse excuses error errors bias biased challenge challenger challengers challenging chance chances contagious
    critic
    critics critical crowd mindful naked naive negative neutral obstacle obstacles odd offline overload
    question questioned questioning reserved retreat retreats risk risks sentence sentenced shoots skeptic
    skeptical strange struck subversive suspect tempt unconventional undecided urgent wicked wreck worn-in
    zealot strikers killers bandit burglar cramps injured injury injuries limitation-free limited limits limit
    emergency emergencies ghost ghosts grave graves dread
"""
)

# What other firms are called where they are not named.
RIVAL_NOUNS: Final = words(
    "knock-off knock-offs counterfeits copycats copycat imitators "
    "rival rivals competitor competitors competitor's competitors' competition imitation imitations"
)
OTHERS: Final = words(
    "old other others another elsewhere most ordinary regular usual typical conventional traditional generic "
    "standard average lesser rival competing cheaper supermarket high-street no-name copycat knock-off imitation"
)
# What came before what is sold now.
EARLIER: Final = words("previous earlier former outgoing prior preceding original older old last-generation")
EDITIONS: Final = words(
    """
    model models version versions design designs edition editions generation pair one ones shape cut sole system
    checkout website logo store prototype prototypes release build formula recipe range line packaging app site
    website predecessor predecessors
    """
)
FIRMS: Final = words(
    """
    brand brands label labels company companies firm firms maker makers manufacturer manufacturers shop shops
    store stores  name names retailer retailers
    """
)
OURS: Final = words("we us our ours ourselves we're we've we'll we'd")
YOURS: Final = words("you your yours yourself you're you've you'll you'd i my mine me i'm i've i'd i'll myself")
# Of dislike: a fault where what is disliked is ours.
DISLIKING: Final = frozenset({"hate", "loathe", "detest", "despise", "dislike"})
# Verbs whose object is taken away.
REMOVING: Final = frozenset(
    {
        "cut",
        "trim",
        "strip",
        "take",
        "lose",
        "drop",
        "solve",
        "save",
        "remove",
        "halve",
        "clear",
        "wick",
        "drain",
        "filter",
        "hush",
    }
)

# What a firm does for the reader: where it is called "your", it is still ours.
DEALINGS: Final = words(
    """
    order orders parcel package delivery refund replacement exchange voucher receipt subscription membership account
    code confirmation invoice shipment reward points discount gift tracking
    """
)
# Signs that what is called "your" has just been bought from us.
FULFILMENT: Final = frozenset(
    {"ship", "leave", "dispatch", "despatch", "send", "deliver", "pack", "arrive", "ready", "way", "await", "land",
     "confirm", "reserve", "warehouse", "courier", "replacement", "order", "post"}
)  # fmt: skip
# States of a purchase that a firm names to help.
MISHAPS: Final = words(
    "late delayed missing wrong incorrect unwanted overdue incomplete cancelled duplicate lost damaged"
)
PRICED: Final = words("shipping delivery deliveries postage returns return prices price fares fare rates rate flights")
WEATHER: Final = words(
    """
    cold wet chilly icy freezing damp gloomy grim miserable dark dull grey gray foul stormy windy rainy drizzly bleak
    nasty muggy humid slippery blustery dreary frosty muddy soggy awful horrible dreadful dismal rough draughty
    """
)
# What is done to faults of a product: they are promised an end.
REPAIRED: Final = words(
    """
    covered repaired replaced mended fixed refunded exchanged solved gone history avoided prevented banished ruled
    eliminated removed rare unlikely impossible unacceptable over past
    """
)
# Opposites between which a text leaves the choice ("wet or dry").
OPPOSITES: Final = tuple(
    frozenset(pair.split("/"))
    for pair in [
        "tight/loose",
        "wet/dry",
        "hot/cold",
        "warm/cold",
        "heavy/light",
        "thick/thin",
        "rough/smooth",
        "old/new",
        "slow/fast",
        "slow/quick",
        "stiff/soft",
        "loud/quiet",
        "worn/unworn",
        "worn/new",
        "cheap/expensive",
        "dull/bright",
        "tight/relaxed",
        "tight/roomy",
        "slack/tight",
        "loose/snug",
        "loose/fitted",
        "loose/close",
        "short/long",
        "hard/soft",
        "dirty/clean",
        "muddy/dry",
        "faulty/unwanted",
        "wrinkled/smooth",
    ]
)
CUTS: Final = words("tapered cropped fitted slim straight relaxed narrow narrower wide tailored boxy loose tight snug")
LONGING: Final = words(
    "looking ready need want fancy searching after craving love why who how what when where which hungry"
)
# Feelings that a reader has of other things ("Tired of ...").
WEARIED: Final = words("tired bored weary sick frustrated annoyed worried nervous scared afraid wary unsure confused")
# Goods of nobody's that only look like ours.
COUNTERFEITS: Final = words(
    "fake fakes counterfeit counterfeits pirated bogus replica replicas knock-off knock-offs imitation"
)
GENERIC: Final = words(
    "often usually may might can avoid beware spot authorised authorized genuine sold report tend never"
)
# Fits that are sold by these names.
FITS: Final = words("loose tight baggy oversized slouchy relaxed")
FIT_NOUNS: Final = words("fit fits cut cuts leg legs")
CARING: Final = words(
    "wipe rinse wash brush scrub clean mend repair fix patch recycle retire swap trade upgrade break air bin soak"
)
BECOMING: Final = frozenset({"become", "get", "go", "turn", "start", "begin", "look", "seem", "grow", "feel", "wear"})
WARNINGS: Final = words("never don't avoid warning caution danger important please do")
INTENSIFYING: Final = words(
    "stupid silly insane wicked crazy mad sick dead deadly filthy ridiculous nasty mean serious"
)
AGEING_STYLE: Final = words("washed-out faded frayed ripped distressed worn bleached torn worn-in aged")
AGEING_SIGNS: Final = words("distressed denim vintage acid stone-washed washed raw jeans archive heritage-look retro")
RETURNING: Final = frozenset({"return", "refund", "exchange", "replace", "warranty", "guarantee", "unworn", "repair"})
FORM_NOUNS: Final = words(
    "number code address link email password card entry field page item size order format postcode date details"
)
FORM_STATES: Final = words("invalid incorrect wrong missing expired incomplete used unwashed unwanted unworn")
OFFERING: Final = frozenset(
    {"offer", "provide", "deliver", "include", "feature", "bring", "present", "launch", "introduce", "give", "host",
     "promise", "create", "design"}
)  # fmt: skip
GLAD: Final = words("pleased happy delighted glad excited thrilled proud news")
BRINGING_ON: Final = re.compile(
    r"[:–—!?.] *(?:bring (?:it )?on|take (?:it )?on|tackle|conquer|own|beat|let it|we've got)\b", re.I
)
CAUSES: Final = re.compile(r"\b(?:due to|because of|owing to|as a result of|following)\b", re.I)
# That a firm has heard of a trouble, before a colon or the like.
OPENING: Final = re.compile(
    r"^\W*(?:we|i)(?:['’]ve)? (?:get|hear|heard|know|understand|feel) (?:it|you|that|this)\W*$", re.I
)
COLLECTIVES: Final = words("staff team crew people support police community committee")
SHADES: Final = words(
    "dirty muted burnt dusty rusty smoky misty muddy faded washed-out frosty icy bleached pale deep dark"
)
PERSONS: Final = words("she he her his him she's he's")
URGED: Final = words(
    "choose buy try pick get love trust join do does are is not we you our people runners athletes shop"
)
TRANSACTIONS: Final = words("payment login sign-in upload download connection transaction checkout attempt session")
DESCRIBING: Final = words("describe report tell show attach note spot check photograph mention explain")
DARED: Final = words("dirty muddy sweaty wet ugly messy loud rowdy mean nasty filthy lost uncomfortable weird")
# "Hard to open" is a fault, "hard to beat" is praise.
HARD: Final = words("hard tough tricky difficult awkward impossible fiddly slow")
UNBEATEN: Final = words(
    """
    beat resist ignore forget miss top match fault imagine believe say tell describe overstate rival equal put stop
    leave argue deny surpass call picture think see know find improve replace replicate copy overlook outdo choose pick
    """
)
# Questions that deny what they ask ("Who said ...?").
DOUBTED: Final = re.compile(
    r"\W*(?:who (?:said|says|knew|thought|thinks|decided|told you|claimed)|since when|says who|"
    r"think (?:that )?\w+ (?:has|have) to)\b",
    re.I,
)
GOODS: Final = words("items item goods products product anything articles article merchandise purchases purchase")
# "Keeps muck and awful weather out."
HOLDING: Final = frozenset({"keep", "hold", "lock", "leave", "shut", "send", "push", "wick"})
AWAY: Final = words("out outside away off behind")
AT_BAY: Final = ("at bay", "at arm's length", "at a distance", "in check", "where it belongs", "where they belong")
JOINING: Final = words("the a an and or your that those all every any") | {","}
BITING: Final = frozenset({"bite into", "dig into", "cut into", "press into", "dig in", "dig at", "cut in"})
GROUND: Final = words(
    """
    ground grass turf mud soil sand gravel snow ice rock rocks stone stones dirt trail trails terrain hill hills slope
    slopes climbs track pitch surface surfaces clay road roads earth field moss wood roots bark slush corner corners
    """
)
BALLAST: Final = words(
    """
    weight bulk grams ounces pounds kilos layers laces stress excuses clutter luggage load hassle drama ego noise
    doubt doubts fear seams fuss baggage faff wobble chafe
    """
)
DESCRIPTIONS: Final = words(
    "description photo photos picture pictures image images video details nature cause sign signs evidence report "
    "proof close-up explanation location size"
)
# Notes on a new version tell what was wrong before.
FIXES: Final = re.compile(r"\W*(?:fixed|fixes|bug ?fix(?:es)?|resolved|patched|we(?:['’]ve| have)? fixed)\b", re.I)
# Rhetorical questions that affirm ("Who wouldn't want ...?").
AFFIRMED: Final = re.compile(r"\W*(?:who|what|why) (?:wouldn|doesn|don|isn|aren|won)['’]t\b", re.I)
SINCE: Final = re.compile(r"\bsince (?:\d{4}|['’]\d\d|day one)\b", re.I)
# Verbs that find fault with some subjects only, and the particles behind which they do not.
STUCK: Final = {
    "stick": words(
        "zip zipper zips zippers button buckle lid drawer clasp latch key lock wheel trigger dial valve nozzle toggle"
    ),
    "catch": words("zip zipper zips zippers buckle clasp drawer latch"),
    "snap": words(
        "strap straps lace laces cord cords band drawstring buckle buckles eyelet eyelets clip clips handle plate"
    ),
    "run": words("dye dyes colour colours ink inks print prints"),
    "drag": words("sole soles heel heels foot feet shoe shoes pedal hem hems"),
    "lift": words("sole soles edge edges heel heels print logo"),
    "curl": words("edge edges hem hems collar sole tongue brim"),
    "freeze": words("app apps site website screen page checkout watch"),
    "hang": words("app site website screen page checkout"),
    "time": words("checkout site page"),
    "slide": words("tongue heel heels insole insoles strap straps waistband collar headband"),
    "ride": words("hem hems shorts waistband"),
}
IN_PLACE: Final = words(
    "into onto shut closed back together firmly true small large straight neatly smoothly easily down your you long"
)
