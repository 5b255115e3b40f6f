"""Words with a part to play in requests for venues."""

from venuefinder.query.wordlists import groups, phrases, words

NOT_VISIBLE = groups(
    """
    parking|car park|car parking|free parking|on-site parking|onsite parking|on site parking|parking on site
    | parking spaces;
    wifi|wi-fi|wi fi|free wifi|free wi-fi|internet|broadband|wireless internet;
    catering|in-house catering|in house catering|inhouse catering|catering included|on-site catering;
    outside catering|external catering|own catering|self-catering|self catering|external caterers
    | outside caterers;
    step-free access|step free access|step-free|step free|wheelchair access|wheelchair accessible
    | disabled access|accessible|level access|wheelchair-accessible|accessibility;
    accommodation|overnight accommodation|on-site accommodation|onsite accommodation
    | accommodation on site|lodging;
    air conditioning|air-conditioning|air conditioned|air-conditioned|aircon|air con;
    heating|central heating|heated;
    late licence|late license|late-night licence|late night licence|late opening;
    alcohol licence|alcohol license|licensed bar|licensed|liquor license|liquor licence;
    wedding licence|wedding license|civil ceremony licence|marriage licence|licensed for weddings
    | licensed for civil ceremonies;
    music licence|music license|entertainment licence|live music licence;
    byob|bring your own bottle|bring your own alcohol|byo;
    dogs welcome|dog friendly|dog-friendly|dogs allowed|pet friendly|pet-friendly|pets allowed
    | pets welcome;
    child friendly|child-friendly|children welcome|family friendly|family-friendly|kid friendly
    | kid-friendly;
    security|security staff|door staff;
    event manager|event planner|wedding coordinator|on-site coordinator;
    cleaning|cleaning included;
    lift|elevator|lift access;
    blackout|blackout blinds|blackout curtains;
    public transport|public transport links|good transport links;
    insurance|public liability insurance;
    electric car charging|ev charging|electric vehicle charging;
    exclusive use|exclusive hire|private hire;
    bike storage|cycle storage|bicycle storage;
    soundproofing|soundproof|soundproofed;
    hearing loop|induction loop;
    toilets|toilet|loos|restrooms|accessible toilet|disabled toilet
    """
)
"""Amenities that no photo shows, or shows too rarely to look for there; a group is one amenity in many spellings."""

ADJECTIVES = phrases(
    """
    step free|wheelchair accessible|air conditioned|dog friendly|pet friendly|child friendly|family friendly
    |kid friendly|dogs welcome|dogs allowed|pets welcome|pets allowed|children welcome|soundproof|soundproofed|byob|byo
    |self catering|exclusive use|exclusive hire|licensed for weddings|licensed for civil ceremonies|late licence
    |late license|late night licence
    """
)
"""Spellings of those that say it of whatever stands beside them: a dog friendly country pub."""

VAGUE_ADJECTIVES = words("accessible heated licensed")
"""Those that say it of a venue, and something else of anything else: a heated debate, accessible by train."""

MEASURES = words(
    """
    ample great good fast free secure private full reliable excellent some on-site onsite available proper overnight
    high speed
    """
)
"""How much there is of an amenity: before it they are part of it."""

SORTS = words(
    """
    limited unlimited sufficient enough adequate extra additional separate dedicated complimentary cheap paid guest
    visitor disabled street nearby adjacent gated underground covered valet coach staff high-speed superfast strong
    stable decent fibre modern luxury boutique comfortable professional in-house vegan vegetarian halal kosher gourmet
    organic delicious quality superb amazing fantastic easy passenger working large big small indoor outdoor 24-hour
    wireless
    """
)
"""What leaves an amenity the thing that it is, and describes it."""

HAVING = words(
    """
    with w without plus and or but also has have having need needs needing want wants require requires requiring
    required essential include includes including included offer offers offering provide provides providing feature
    features featuring get there is are be must where if no near by to close preferably ideally optional optionally
    maybe possibly perhaps hopefully prefer either both nice love like
    """
)
"""After these, and after a comma, an amenity is what is asked for; after "a view of", "former" or "ski" it is not."""

WISHING = phrases(
    """
    preferably|prefer|preference for|ideally|optionally|possibly|perhaps|maybe|hopefully|nice to have|good to have
    |great to have|lovely to have|nice if|good if|great if|lovely if|bonus if|bonus points if|bonus points for
    |bonus for|might need|may need|might want|may want|might like
    """
)
"""What follows is wished for, and no condition."""

EVENTS = words(
    """
    wedding weddings party parties reception receptions conference conferences meeting meetings dinner dinners
    lunch workshop workshops event events ceremony ceremonies celebration celebrations birthday birthdays gala
    retreat retreats launch launches hire rental venue venues space spaces location locations setting settings
    place places spot spots shoot shoots photoshoot banquet engagement anniversary christening hackathon offsite
    away-day gathering gatherings screening exhibition concert gig night evening afternoon weekend breakfast
    brunch supper drinks date dates
    """
)
"""What takes place, and words for anywhere: after a kind they leave it the head (a barn wedding asks for a barn)."""

DANGLING = words(
    """
    can could will would must should need needs be to have
    a an and at but by for from in near of on or the to under with without within around about is are has have
    having that which who plus also as my our we i some budget
    """
)
"""Left at an edge where a part was taken out, they go too."""

EMPTY = DANGLING | words(
    """
    a an and any are at be but by can could do for from get give good great have having i i'd i'm if in into is it
    its just like looking love me my nice need needed needs of on or our ours perfect please preferably really
    some something somewhere suitable that the their them there this to up us want wanted we we'd we're which who
    will with would you your so very also plus us all find search show hello hi thanks thank ideal ideally must
    should where when anything anywhere hold host hosting holding book booking hire seeking after maybe possibly
    roughly around about near as not no without under over out be been has had another other others one ones
    """
)
"""Words that describe nothing by themselves."""

GENERIC = EMPTY | words(
    """
    venue venues space spaces place places location locations setting settings spot spots site sites room rooms
    area areas event events hall-hire type kind sort option options
    """
)
"""What a clause of its own needs more than."""

AREAS = {
    "GB": phrases(
        """
        kent|surrey|essex|sussex|east sussex|west sussex|norfolk|suffolk|cornwall|devon|dorset|somerset|wiltshire|
        hampshire|berkshire|buckinghamshire|oxfordshire|gloucestershire|hertfordshire|bedfordshire|cambridgeshire|
        lincolnshire|rutland|leicestershire|northamptonshire|warwickshire|worcestershire|herefordshire|shropshire|
        staffordshire|derbyshire|nottinghamshire|yorkshire|north yorkshire|lancashire|cheshire|cumbria|northumberland|
        county durham|isle of wight|cotswolds|the cotswolds|lake district|peak district|new forest|snowdonia|
        highlands|scottish highlands|home counties|midlands|west midlands|east anglia|west country|scotland|wales|
        england|northern ireland|fife|cumberland|middlesex
        """
    ),
    "US": phrases(
        """
        georgia|washington|california|texas|florida|virginia|maine|vermont|hudson valley|napa valley|catskills|hamptons
        """
    ),
    "IT": phrases("tuscany|umbria|sicily|sardinia"),
    "FR": phrases("provence|normandy|brittany|loire valley|dordogne"),
    "ES": phrases("catalonia|andalusia|mallorca|ibiza"),
    "DE": phrases("bavaria"),
    "PT": phrases("algarve"),
    "NL": phrases("holland|brabant"),
    "JE": phrases("jersey"),
    "GG": phrases("guernsey"),
}
"""By country, names that mean an area although towns elsewhere bear them: never taken for such a town."""
REGIONS = {area: country for country, areas in AREAS.items() for area in areas}

NEVER_LOWER = words(
    """
    bar hall stage beach garden park forest lake field castle villa manor tower church house barn club square
    market station port bridge river island mountain valley hill wood woods woodland nature orange brick stone
    gold silver white black green spring summer autumn winter march may august december sale style the of one any
    all reality advance person town city country countryside village university college school court temple
    mission independence corner concrete marble wood timber glass steel natural central north south east west
    sunshine sandy rustic parade harmony liberty victory union hope progress normal ideal best total
    general private public open modern classic grand royal imperial deal street ware sandwich battle ash beer wick
    rugby wells rye mobile split most given man date marina bay harbour harbor cabin lodge studio gallery theatre
    loft
    """
)
"""Ordinary words that are towns too: only with a capital, or after words that leave no doubt."""
TIMES = words(
    """
    january february march april may june july august september october november december spring summer autumn winter
    monday tuesday wednesday thursday friday saturday sunday christmas easter midsummer
    """
)
"""When, never where, whatever town bears the name."""

ORDINARY = words(
    """
    bath reading nice hove troy rome wells rugby rye ware deal split mobile
    """
)
"""Towns that lower-case letters may mean: after "in" or "near", with no noun behind."""

ASKING = words(
    """
    i i'd i'm we we'd we're you they it it'd this that which budget price cost total must should can could will would
    may might do does did is are has have need want like to try trying rather prefer really please ideally
    cannot can't won't and pay spend
    """
)
"""What stands before the "not" of a limit: it should not cost more than £3,000."""

SPENDING = words(
    """
    i we us me you they it it's its this that which who is are was be been being am will would should can could to
    for at on a an the any our my than want wanting wish like prefer look looking able willing allowed plan planning
    think go goes going get see show find have having has afford spend spending pay paying cost costs costing come comes
    coming charge charges charging charged price prices priced pricing budget fee fees rate rates total
    anything something anywhere somewhere anyone one wants venue venues place places space spaces option options listing
    listings hire rental ever really actually penny single way means circumstances
    """
)
"""Words between "not" and a limit that leave the "not" to the limit: do not want to spend more than £3,000."""

INDIFFERENT = phrases(
    """
    have to|has to|need|need to|mind|just|only|necessarily|always|bothered|fussed|worried|worry|care|matter|problem
    |limited|restricted|obliged|required|much|far|too
    """
)
"""Words between that leave it open: it does not have to be under £3,000."""

AFTER_A_PRICE = (
    (EMPTY - words("of good great nice hire book booking"))
    | TIMES
    | words(
        """
    inclusive including include includes incl inc exclusive excluding excl exc ex vat tax total overall altogether max
    maximum budget tops fee fees cost price full filled featuring overlooking facing surrounded close next because
    though then not no only
    """
    )
)
"""What goes on after an amount without naming what else it buys."""

PAID_FOR = EVENTS | words("room rooms hall halls house houses day days ball prom gala festival fair market")
"""What an amount before it may be the budget of, besides kinds of the catalogue."""

NOT_THE_VENUE = words(
    """
    deposit deposits voucher vouchers coupon coupons ticket tickets ticketed tab charge charges entry admission corkage
    donation donations discount refund prize prizes raffle insurance turnover revenue profit funding salary worth
    raise raised raising win winning won save saving donate earn
    """
)
"""An amount beside these is theirs."""

EXTRAS = words(
    """
    parking catering food drink drinks breakfast brunch lunch dinner supper meal meals cake flowers decor decorations
    photography photographer entertainment band dj travel taxi taxis accommodation transport equipment
    """
)
"""What costs something beside the venue: their small amounts and their budgets are theirs."""

HIRE = words("hire rental venue")
CHARGES = words("charge charges fee fees")
"""A charge for the hire is the price."""

MEALS = words("food drink drinks breakfast brunch lunch dinner supper meal meals catering")
"""A price per head may be all that the event costs, meals with it."""

COUNTRIES_TOO = words("china jersey turkey jordan chad panama guinea")
"""Countries that lower-case letters do not mean: tea served in china."""

MATERIALS = words(
    """
    stone stones brick bricks marble granite slate limestone sandstone oak pine leather linen lace silk wool tweed
    cotton velvet porcelain
    """
)
"""What a place gives its name to: a house in Bath stone may stand anywhere."""

MADE = words(
    """
    made handmade built designed crafted manufactured produced grown woven dressed clad served carved painted printed
    finished faced cast covered wrapped upholstered tailored brewed distilled born raised
    """
)
"""Before "in" they tell where something comes from, or what it is made of."""

EXCLUDING = phrases(
    """
    not|no|nor|neither|never|nowhere|nothing|none|cannot|without|avoid|avoiding|except|excluding|exclude|skip|minus|hate|dislike|
    other than|rather than|apart from|aside from|instead of|away from|far from|any but|anywhere but|anything but|
    everywhere but|all but
    """
)
"""Before a place: it is the one not to look in."""

AFTER_A_PLACE = DANGLING | words(
    """
    please next this during when where if so because until before after since between beside overlooking sleeping
    seating hosting except excluding apart without including not ideally preferably maybe possibly perhaps max maximum
    up only now no but too then thanks thank suitable available able open serving holding accommodating close outside
    """
)
"""What may follow the name of a place: anything else makes it part of something, as in Bath stone."""
