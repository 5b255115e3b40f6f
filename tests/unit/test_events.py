"""What people did with venues, as weights."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from venuefinder.events import HALF_LIFE, WEIGHTS, Deed, EventsRequest, faded, habits_of

HOUR = timedelta(hours=1)


def deed(kind: str, age: timedelta, venue: str = "barn") -> Deed:
    return Deed(venue_id=len(venue), external_id=venue, kind=kind, age=age)


@pytest.mark.parametrize("kind", WEIGHTS)
def test_an_event_halves_with_every_half_life(kind):
    assert faded(kind, timedelta(0)) == WEIGHTS[kind]
    assert faded(kind, HALF_LIFE) == pytest.approx(WEIGHTS[kind] / 2)
    assert faded(kind, 3 * HALF_LIFE) == pytest.approx(WEIGHTS[kind] / 8)
    assert faded(kind, -HOUR) == WEIGHTS[kind]  # a clock that was set back makes nothing heavier


def test_kinds_add_up_and_the_weightiest_names_the_habit():
    (habit,) = habits_of([deed("view", HOUR), deed("save", HALF_LIFE)])

    assert habit.kind == "save"
    assert habit.weight == pytest.approx(faded("view", HOUR) + 2.0)
    assert habit.liked


@pytest.mark.parametrize(
    ("deeds", "liked"),
    [
        ({"dismiss": 2}, False),
        ({"view": 1, "dismiss": 2}, False),
        ({"save": 3, "dismiss": 2}, False),
        ({"save": 1, "dismiss": 2}, True),
        ({"save": 3, "inquiry": 1, "dismiss": 2}, True),
        ({"view": 100}, True),
    ],
)
def test_a_dismissal_counts_until_the_venue_is_wanted_again(deeds, liked):
    (habit,) = habits_of([deed(kind, age * HOUR) for kind, age in deeds.items()])

    assert habit.liked is liked
    assert (habit.kind == "dismiss") is not liked


@given(
    st.lists(
        st.builds(deed, st.sampled_from(list(WEIGHTS)), st.timedeltas(timedelta(0), timedelta(days=180))), max_size=9
    ),
    st.randoms(),
)
def test_the_order_of_events_does_not_matter(deeds, random):
    latest = {one.kind: one for one in deeds}
    shuffled = list(latest.values())
    random.shuffle(shuffled)

    assert habits_of(shuffled) == habits_of(list(latest.values()))
    assert all(habit.weight > 0 for habit in habits_of(shuffled))


@pytest.mark.parametrize("user", ["me@example.org", "short", "a" * 65, "two words", "naïve-user", "", "x\x00xxxxxxx"])
def test_a_user_is_a_made_up_name(user):
    with pytest.raises(ValidationError):
        EventsRequest(user=user, events=[{"kind": "view", "venue": "barn"}])
