"""Whether a query is English; others are searched as they are: a Spanish "no" is no negation."""

import re
import unicodedata

from venuefinder.query.wordlists import words

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENGLISH = words(
    """
    the and with for near under without of at by from our we to is are has have that which people guests venue
    room space wedding party looking need want around within close old rustic modern light lights big small large
    house garden table tables meeting dinner per head budget between overlooking outdoor indoor cosy cozy bright
    white seated not no an a in on or up it its this there some any must should where who
    """
)
_FOREIGN = words(
    """
    mit für und ohne nahe nähe bei unter gäste hochzeit hochzeiten scheune scheunen raum räume zum zur oder nicht
    kein keine keinen eine einen einem einer ein der dem auf aus über wir suche suchen große großer schöne schöner
    feier tagung garten festsaal hochzeitslocation avec sans près pour dans mariage mariages salle grange une les
    aux personnes invités lieu sous est jardin réception cherche séminaire moins bord chez sur cerca para boda bodas
    salón invitados los las una del playa personas jardín granja rústica rústico fiesta masía lugar espacio evento
    menos senza vicino matrimonio matrimoni ospiti persone invitati della dello delle degli nel nella gli festa
    casale rustico giardino luogo cerco zonder voor bruiloft gasten zaal schuur het bij tuin feest trouwlocatie
    ruimte buurt sem perto casamento casamentos convidados pessoas espaço uma dos em salão jardim praia ze bez dla
    blisko wesele ślub gości osób stodoła przy ogród ogrodem med utan för bröllop gäster nära och lokal bryllup uden
    gjester gæster lada uten og häät vieraalle pro svatba hostů blízko düğün için kişilik salonu mekan kır bahçe
    nunta pentru lângă și fără oameni esküvő nélkül és közelében pajta personen con sin com casa notte soirée großen
    """
)
"""What German, French, Spanish, Italian, Dutch, Portuguese, Polish and others say and English does not."""
_WEAK = words("de la le en des du un el y e o das met s u z w ve se na il di et ou van een")
"""Theirs too, but in names of English requests as well: half the evidence."""
_FOREIGN_LETTERS = frozenset("ßłąęśżźćńãõøåðőűřěůşğıščžțș¿¡")
_FOREIGN_ELISIONS = words("d l qu dell all nell")
_EVERYWHERE = words("in no a an or on is it of not")
"""English words that other languages have too: no evidence for English."""
_LATIN = ("LATIN", "FULLWIDTH LATIN", "FEMININE ORDINAL", "MASCULINE ORDINAL")


def is_english(query: str) -> bool:
    """Return whether a query reads like English; what gives no sign at all does."""
    letters = [character for character in query if character.isalpha()]
    latin = sum(unicodedata.name(letter, "").startswith(_LATIN) for letter in letters)
    if latin * 2 < len(letters):
        return False
    spoken = [word.lower() for word in _WORD.findall(query)]
    foreign = sum(_foreign(word) for word in spoken)
    english = 2 * sum(word in _ENGLISH and word not in _EVERYWHERE for word in spoken)
    return foreign < 2 or foreign <= english


def _foreign(word: str) -> int:
    """Return how much a word speaks for another language: 2 certainly, 1 perhaps."""
    head, apostrophe, _ = word.replace("’", "'").partition("'")
    if word in _FOREIGN or (apostrophe and head in _FOREIGN_ELISIONS):
        return 2
    return int(word in _WEAK or not _FOREIGN_LETTERS.isdisjoint(word))
