"""Numbers as people write them: 1,200, 5k, a hundred and fifty, two dozen."""

import re
from decimal import Decimal

_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORTH = {word: number for number, word in enumerate([*_ONES, *_TEENS], start=1)}
_WORTH |= {word: 10 * number for number, word in enumerate(_TENS, start=2)}
_MANY = {"hundred": 100, "thousand": 1000, "dozen": 12}
_SUFFIX = {"k": 1_000, "m": 1_000_000, "grand": 1_000, "thousand": 1_000, "million": 1_000_000}

_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES)}))?|{'|'.join([*_TEENS, *_ONES])})"
DIGITS = r"(?:[0-9]{1,3}(?:[,.'][0-9]{3}){1,3}|[0-9]{1,9})(?:\.[0-9]{1,2})?(?![0-9]|[.,'][0-9])"
_MANY_OF = rf"(?:(?:{_SMALL}|an?|a couple(?: of)?) )?(?:hundred|thousand|dozen)(?:(?: and)? {_SMALL})?"
IN_WORDS = rf"(?:half a dozen|{_MANY_OF}|{_SMALL})"
_WHOLE = rf"(?>\b{IN_WORDS}\b)"
"""Two hundred and fifty is never two hundred."""
NUMBER = rf"(?:(?<![\w.,£$€¥₹])(?:{DIGITS})(?:k| ?thousand)?(?!\w)|{_WHOLE})"
"""A count: digits, digits with k, or words."""
PLAIN_NUMBER = rf"(?:(?<![\w.,£$€¥₹]){DIGITS}|{_WHOLE})"
"""A number that a unit may follow at once: 5km."""
_THOUSANDS = re.compile(r"[,.'](?=[0-9]{3}(?![0-9]))")
_WORDY_PARTS = re.compile(r"[a-z]+")


def value_of(written: str) -> Decimal:
    """Return the value of what `NUMBER` matched, or of digits with a suffix of `k`, `m`, `grand` or `million`."""
    if written[0].isdigit():
        return _of_digits(written)
    return Decimal(_of_words(written))


def _of_digits(written: str) -> Decimal:
    digits = written.rstrip("abcdefghijklmnopqrstuvwxyz ")
    suffix = written[len(digits) :].strip()
    return Decimal(_THOUSANDS.sub("", digits)) * _SUFFIX.get(suffix, 1)


def _of_words(written: str) -> int:
    if written == "half a dozen":
        return 6
    total = current = 0
    for word in _WORDY_PARTS.findall(written):
        if word in _MANY:
            total += max(current, 1) * _MANY[word]
            current = 0
        elif word == "couple":
            current = 2
        else:
            current += _WORTH.get(word, 0)
    return total + current
