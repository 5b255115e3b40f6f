"""What a venue's own attributes must be, as SQL on `venues v`.

Types matter, as in JSON: true is not 1, and "1" is not 1; 1 and 1.0 are one number.
"""

from typing import Any

from psycopg.types.json import Jsonb

from venuefinder.request import AttributeRange, AttributeTests
from venuefinder.store.filters.condition import Condition, either


def attributes(found: Condition, tests: AttributeTests) -> None:
    """Ask each attribute to equal a value, to be one of several, or a number within a range."""
    for number, (name, test) in enumerate(tests.items()):
        parameter = f"where_attribute_{number}"
        if isinstance(test, AttributeRange):
            _range(found, parameter, name, test)
        else:
            values = test if isinstance(test, tuple) else (test,)
            wanted = {f"{parameter}_{place}": Jsonb({name: value}) for place, value in enumerate(values)}
            found.add(either([f"v.attributes @> %({one})s" for one in wanted]), wanted)


def _range(found: Condition, parameter: str, name: str, test: AttributeRange) -> None:
    """Ask for a number. JSON values of any types compare without error, so nothing needs a cast that may fail."""
    value = f"(v.attributes -> %({parameter})s::text)"
    clauses = [f"jsonb_typeof{value} = 'number'"]
    parameters: dict[str, Any] = {parameter: name}
    for end, operator, bound in (("min", ">=", test.min), ("max", "<=", test.max)):
        if bound is not None:
            clauses.append(f"{value} {operator} %({parameter}_{end})s")
            parameters[f"{parameter}_{end}"] = Jsonb(bound)
    found.add(f"({' AND '.join(clauses)})", parameters)
