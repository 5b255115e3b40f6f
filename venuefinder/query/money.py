"""What it may cost: limits with their currency, per head or hour, minimum spends, and the hours it lasts."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from venuefinder.query.found import Fate, Found, apart
from venuefinder.query.lexicon import ASKING, INDIFFERENT, SPENDING
from venuefinder.query.numbers import DIGITS, IN_WORDS, PLAIN_NUMBER, value_of
from venuefinder.query.paid_for import Sought, is_budget_of_something_else, is_of_something_else
from venuefinder.query.sentence import without
from venuefinder.query.wordlists import any_of
from venuefinder.request import VenueFilter

HOME_CURRENCY = "GBP"
"""Of an amount without one, as in `PriceLimit`."""
NO_CURRENCY = f"no currency was said: taken as {HOME_CURRENCY}"
MONEY_OR_GUESTS = "money or guests is not clear: say £5k, or 5k guests"
SOMETHING_ELSE = "may pay for something else than the venue; filters.price limits what it costs"
ONLY_RATES = {
    "head": "only venues that state a price per head are compared: say how many guests to compare the others",
    "hour": "only venues that state a price per hour are compared: say how many hours to compare the others",
}
"""Of a price per head without guests, or per hour without hours: a total cannot be divided."""
MOST_OR_LEAST = "the most or the least is not clear: say under, or at least"
ABOUT = Decimal("1.25")
"""What "around £3,000" allows: up to a quarter more. The answer echoes the limit, so it can be edited."""
LEAST_BARE_PRICE = 1_000
"""Least amount that is money without saying so: "under 3000" is, "under 100" might count anything."""
MOST_MONEY = Decimal(10) ** 9

_SYMBOLS = {"£": "GBP", "$": "USD", "€": "EUR", "¥": "JPY", "₹": "INR", "us$": "USD", "a$": "AUD", "au$": "AUD"}
_SYMBOLS |= {"c$": "CAD", "ca$": "CAD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD"}
_CODES = "gbp|usd|eur|chf|aud|cad|nzd|sek|nok|dkk|jpy|inr|sgd|hkd|aed|zar|pln|czk|huf"
_NAMES = {"pound": "GBP", "quid": "GBP", "dollar": "USD", "buck": "USD", "euro": "EUR", "franc": "CHF", "rupee": "INR"}
_NAMES |= {"pounds sterling": "GBP", "zloty": "PLN", "złoty": "PLN", "dirham": "AED", "rand": "ZAR"}

_BEFORE_IT = rf"(?<!\w)(?:(?:us|au|ca|nz|hk|a|c|s)?[$]|[£€¥₹]|\b(?:{_CODES}) ?)"
_AFTER_IT = (
    rf"(?:[£€]|{_CODES}|pounds sterling|pounds?|quid|dollars?|bucks|euros?|francs|rupees|z[lł]oty"
    r"|dirhams?|rand)(?![a-z])"
)
_FIGURE = (
    rf"(?:(?:[0-9]{{1,3}}(?: [0-9]{{3}}){{1,2}}(?![0-9])|{DIGITS})(?:k|m| ?grand| ?thousand| ?million)?(?![0-9])"
    rf"|\b{IN_WORDS}(?: grand)?)"
)


def _amount(name: str) -> str:
    """Return a pattern for an amount with its currency before (`a`) or, if said at all, behind (`b`)."""
    before = rf"(?P<{name}_symbol>{_BEFORE_IT}) ?(?P<{name}_a>{_FIGURE})"
    return rf"(?:{before}|(?<![\w.,])(?P<{name}_b>{_FIGURE})(?: ?(?P<{name}_code>{_AFTER_IT}))?)"


_ABOVE = (
    r"over|above|beyond|exceed(?:s|ing)?|in excess of|(?:more|greater|higher|more expensive|pricier|dearer) than|>=?"
)
_BELOW = r"under|below|(?:less|lower|cheaper) than|<=?"
_MAX = rf"(?:for )?(?P<below>{_BELOW})|at most|(?:for )?up to|max(?:imum)?(?: of)?|within"
_MIN = rf"(?P<above>{_ABOVE})|at least|from|starting at|upwards of"
_ROUGH = r"around|about|roughly|approximately|approx\.?|circa|c\.|~"
_BUDGET = (
    r"(?:(?:with|on|for|and|have) )?(?:(?:a|our|my|the|total|max|maximum|venue|hire) ){0,3}"
    r"(?:budget|spend|price|cost|fee)(?: (?:is|of|at|for))?:?"
)
_SPEND = r"(?:(?:with|and|on) )?(?:an? )?min(?:imum)?\.? spend(?: is| of)?:?"
_PER = (
    r"(?P<head>pp\b|p\.p\.|(?:per|a|/) ?(?:head|person|guest|delegate|cover)\b|each\b|/head|/person)"
    r"|(?P<hour>(?:per|an|/) ?(?:hour|hr|h)\b|hourly\b|ph\b|p/h\b)"
    r"|(?P<day>(?:per|a|/) ?day\b|daily\b|day rate\b)|(?P<long>(?:per|a|/) ?(?:night|week|month|weekend|year)\b)"
)
_EXTRA = r"(?:vat|tax|taxes|service|catering|food|drinks?|wine)\b"
"""What a price may come without, or with."""
_AFTER = (
    r"(?P<after_max>max(?:imum)?\b|or less\b|or under\b|or below\b|tops\b|budget\b|limit\b)"
    rf"|(?P<after_min>or more\b|and up\b|upwards\b|[+](?! ?{_EXTRA})|minimum\b(?! spend))"
    rf"|(?:all[ -]in(?:clusive)?|in total|total)\b|(?:[+]|plus|(?:ex|in)cl(?:uding|usive of)?\.?|ex|inc) ?{_EXTRA}"
)
_LIMITED = (
    r"(?:(?<![a-z])(?:(?P<between>between|from(?= [^a-z]{1,20}(?:to|-)))"
    rf"|(?:(?P<max>{_MAX})|(?P<min>{_MIN}))(?: (?:{_ROUGH}))?|(?P<rough>{_ROUGH})|for|at) ?)?"
)
_NOT = (
    r"(?:no|not|never|nothing|none|nobody|nowhere|nor|without|avoid(?:ing)?|hate|refuse|cannot|unable|unwilling"
    r"|(?:is|are|was|do|does|did|has|have|should|must|ca|could|wo|would|need)n'?t)"
)
_NEGATED = (
    rf"(?<![\w'-])(?:(?:{any_of(ASKING)}) ){{0,4}}(?P<not>{_NOT} "
    rf"(?:(?:(?P<open>{any_of(INDIFFERENT)})|{any_of(SPENDING)}) ){{0,8}})"
)
_DOUBTED = re.compile(
    rf"(?<![\w'-])(?P<not>{_NOT})(?P<gap>(?: (?:{any_of(SPENDING)}))*,[^.;!?|]*|(?: (?!but |with )[^\s,.;:!?|]+)*) $"
)
"""A negation further before: no barns over £2,000, not, under any circumstances, over £2,000."""
MOST_DOUBTED = 120
"""Characters before a limit where a negation may still mean it."""
_LIMIT = re.compile(
    rf"(?:(?P<spend>\b{_SPEND}) ?)?(?:(?P<budget>\b{_BUDGET}) ?)?(?:{_NEGATED}(?:(?P<no_spend>{_SPEND}) ?)?)?{_LIMITED}"
    rf"(?:{_amount('low')}(?: ?- ?| to |(?(between) and |(?!))))?{_amount('high')}"
    rf"(?: ?(?:{_PER}))?(?: ?(?:{_AFTER}))?(?P<spend_after> min(?:imum)?\.? spend\b)?(?: (?:on|for) it\b)?(?!\w)"
    r"(?P<rest>(?= ?(?:$|[,.;:!?)|]|(?:for|in|near|with|and|per|total|all|at|but|no|on|or)\b)))?"
)
_NO_SPEND = re.compile(
    rf"\b(?:with )?(?:no|without(?: an?| any)?|zero) min(?:imum)?\.? spends?\b(?!(?: (?:of|{_ABOVE})){{1,2}} [^a-z])"
)
_EVENT = (
    r"(?:hire|rental|event|party|wedding|workshop|conference|meeting|(?:photo ?)?shoot|booking|session|reception|dinner"
    r"|slot|celebration)"
)
_ROUGHLY = r"(?:about |around |at least |up to |a |an |roughly )?"
_TO = rf"(?:{PLAIN_NUMBER}(?: ?- ?| to | or ))?"
"""The most hours of a range count, as the most guests do."""
_HOURS = re.compile(
    rf"\bfor {_ROUGHLY}{_TO}(?P<a>{PLAIN_NUMBER}|half an)[ -]?(?:hours?|hrs?|h)\b(?! (?:from|away|drive|of))"
    rf"|(?<![\w.,])(?:\ba )?{_TO}(?P<b>{PLAIN_NUMBER})[ -]?(?:hours?|hrs?)(?: of)? (?={_EVENT}\b)"
)


def find_money(plain: str, sought: Sought) -> list[Found]:
    """Return every mention of a price, a minimum spend or hours; `plain` has taken words masked."""
    certain = apart([*_no_spends(plain), *_hours(plain)])
    rest = without(plain, (one.range for one in certain))
    return sorted([*certain, *_limits(rest, sought)], key=lambda one: one.start)


def with_what_is_missing(found: Iterable[Found], filters: VenueFilter) -> list[Found]:
    """Return the parts, those of a price per head or hour with a note where nobody said how many of them there are."""
    price = filters.price
    counted = {"head": filters.guests, "hour": price.hours} if price else {}
    return [
        replace(part, note="; ".join(filter(None, (part.note, ONLY_RATES[rate]))))
        if part.applied and (rate := _rate(part)) and counted.get(rate) is None
        else part
        for part in found
    ]


def _rate(part: Found) -> str | None:
    rate: str | None = (part.meaning.get("price") or {}).get("per")
    return rate


def _no_spends(plain: str) -> Iterator[Found]:
    for match in _NO_SPEND.finditer(plain):
        yield Found(start=match.start(), end=match.end(), kind="price", meaning={"price": {"max_minimum_spend": 0}})


def _hours(plain: str) -> Iterator[Found]:
    for match in _HOURS.finditer(plain):
        written = match["a"] or match["b"]
        hours = Decimal("0.5") if written == "half an" else value_of(written)
        if 0 < hours < 24:
            yield _found(match, {"hours": _number(hours)})


def _limits(plain: str, sought: Sought) -> Iterator[Found]:
    for match in _LIMIT.finditer(plain):
        if (meaning := _limit(match)) is None:
            continue
        if match["long"]:
            note = "prices are compared for the event, per head or per hour"
            yield _found(match, meaning, applied=False, note=note)
        elif not _is_money(match, _currency(match)):
            yield _found(match, meaning, applied=False, note=MONEY_OR_GUESTS)
        elif _is_of_something_else(match, sought):
            if not match["not"]:
                yield _found(match, meaning, applied=False, note=SOMETHING_ELSE, fate="looks")
        elif (start := _doubted_from(match)) is not None:
            yield _found(match, meaning, applied=False, note=MOST_OR_LEAST, start=start)
        else:
            yield _found(match, meaning, note=None if _currency(match) else NO_CURRENCY)


def _doubted_from(match: re.Match[str]) -> int | None:
    """Return where the words begin that leave it open whether this is the most or the least; None where none do."""
    least = _is_least(match)
    if least is None or (least and _is_minimum_spend(match)):
        return match.start()
    if match["not"] or not match["above"]:
        return None
    before = _DOUBTED.search(match.string, max(0, match.start() - MOST_DOUBTED), match.start())
    if before is None:
        return None
    return match.start() if " and " in f"{before['gap']} " else before.start()


def _found(
    match: re.Match[str],
    price: dict[str, Any],
    *,
    applied: bool = True,
    note: str | None = None,
    start: int | None = None,
    fate: Fate = "text",
) -> Found:
    written = match.group()
    if start is None or start == match.start():
        start = match.start() + len(written) - len(written.lstrip())
    end = match.end() - (len(written) - len(written.rstrip()))
    fate = "out" if applied else fate
    return Found(start=start, end=end, kind="price", meaning={"price": price}, applied=applied, note=note, fate=fate)


def _limit(match: re.Match[str]) -> dict[str, Any] | None:
    high, low = _figure(match, "high"), _figure(match, "low")
    currency = _currency(match)
    if high is None or high > MOST_MONEY or not (_is_money(match, currency) or _may_be_money(match)):
        return None
    if low is not None and match["low_a" if match["low_symbol"] else "low_b"][-1].isdigit():
        low = _alike(low, high, match["high_a"] or match["high_b"])
    code = {"currency": currency or HOME_CURRENCY}
    if _is_minimum_spend(match):
        return {"max_minimum_spend": _number(high)} | code
    per = {"per": "head"} if match["head"] else {"per": "hour"} if match["hour"] else {}
    return _bounds(match, low, high) | code | per


def _bounds(match: re.Match[str], low: Decimal | None, high: Decimal) -> dict[str, Any]:
    if low is not None and low <= high:
        return {"min": _number(low), "max": _number(high)}
    if _is_least(match):
        return {"min": _number(high)}
    return {"max": _number((high * ABOUT).quantize(Decimal("0.01")) if match["rough"] else high)}


def _is_least(match: re.Match[str]) -> bool | None:
    """Return whether the amount is the least, not the most; None where the words leave it open."""
    least = bool(match["min"] or match["after_min"])
    is_range = bool(match["low_a"] or match["low_b"])
    if not match["not"]:
        return None if match["between"] and not is_range else least
    plainly = match["above"] or match["below"] or match["after_min"]
    return None if match["open"] or not plainly or is_range else not least


def _is_minimum_spend(match: re.Match[str]) -> bool:
    return bool(match["spend"] or match["no_spend"] or match["spend_after"])


def _alike(low: Decimal, high: Decimal, written: str) -> Decimal:
    """Return the low end of "2-3k": two thousand, not two."""
    for suffix, factor in (("k", 1000), ("m", 1_000_000)):
        if written.endswith(suffix) and low * factor <= high:
            return low * factor
    return low


def _figure(match: re.Match[str], name: str) -> Decimal | None:
    written = match[f"{name}_a"] or match[f"{name}_b"]
    if written is None:
        return None
    if written.endswith(" grand") and not written[0].isdigit():
        return value_of(written.removesuffix(" grand")) * 1000
    spaceless = written.replace(" ", "") if written[0].isdigit() else written
    return value_of(spaceless)


def _currency(match: re.Match[str]) -> str | None:
    for name in ("high", "low"):
        if symbol := match[f"{name}_symbol"]:
            return _SYMBOLS.get(symbol.strip(), symbol.strip().upper())
        if code := match[f"{name}_code"]:
            return _SYMBOLS.get(code) or _NAMES.get(code) or _NAMES.get(code.rstrip("s")) or code.upper()
    return None


def _is_money(match: re.Match[str], currency: str | None) -> bool:
    """Return whether the words say that it is money, and not guests, metres or years."""
    if currency is not None or _is_minimum_spend(match) or match["head"]:
        return True
    if match["budget"] or match["after_max"] == "budget":
        return True
    written = match["high_b"]
    most = match["max"] or (match["not"] and match["above"])
    limited = most or match["between"] or match["rough"] or match["after_max"]
    thousands = written.endswith("k") or (_figure(match, "high") or 0) >= LEAST_BARE_PRICE
    return bool((written.endswith("grand") or (limited and thousands)) and match["rest"] is not None)


def _may_be_money(match: re.Match[str]) -> bool:
    """Return whether it may as well be guests: for 5k."""
    of_either = match.group().lstrip().startswith("for ") and match["high_b"].endswith(("k", "thousand"))
    return of_either and match["rest"] is not None


def _is_of_something_else(match: re.Match[str], sought: Sought) -> bool:
    """Return whether the amount may pay for something beside the venue."""
    if _is_minimum_spend(match):
        return False
    if match["budget"] or match["after_max"] == "budget":
        return is_budget_of_something_else(match)
    high = _figure(match, "high") or Decimal(0)
    limited = match["max"] or match["min"] or match["between"] or match["rough"] or match["after_max"]
    rate = bool(match["head"] or match["hour"] or match["day"])
    return is_of_something_else(match, high, sought, rate=rate, limit=bool(limited) and high >= LEAST_BARE_PRICE)


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)
