"""What services of several encoders share, because it knows nothing of embedding spaces."""

from functools import cached_property
from typing import Any, Protocol, Self, TypeVar, overload

Made = TypeVar("Made")


class Borrower(Protocol):
    """Services that may have been made beside others."""

    lender: Any
    """The services they were made beside, None for the first."""


class shared(cached_property[Made]):  # noqa: N801 - used as the decorator that it extends
    """A `cached_property` that services made beside others borrow from them: its locks, caches and turns are one."""

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Made: ...
    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Any:
        """Return what the lender has, or make it here."""
        if instance is not None and instance.lender is not None and self.attrname is not None:
            return getattr(instance.lender, self.attrname)
        return super().__get__(instance, owner)


def forget_own(services: Borrower) -> None:
    """Forget what cached properties made here, but for what is shared with others."""
    for name in list(vars(services)):
        made_by = getattr(type(services), name, None)
        if isinstance(made_by, cached_property) and not isinstance(made_by, shared):
            del vars(services)[name]
